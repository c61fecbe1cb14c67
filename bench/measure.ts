/** What a row of `npm run bench` is, and how figures are measured: interleaved pairs in one run, CPU time where the processor is the limit. */
import { readdirSync, readFileSync } from "node:fs";

/** What was measured of a figure. */
export interface Measured {
  readonly ours: number;
  /** The least that any implementation must do, or what people would write otherwise, in the same unit. */
  readonly floor: number;
  readonly ratio: number;
  readonly ok: boolean;
  /** The lowest and highest ratio of the pairs. */
  readonly spread: readonly [number, number];
}

/** What a ratio has to be. */
export interface Target {
  readonly kind: "at most" | "at least";
  readonly value: number;
}

/** A row of the table. */
export interface Row {
  readonly figure: string;
  readonly target: Target;
  /** Measures the figure against the target of its row. */
  measure(target: Target): Promise<Measured>;
}

/** The ratio must not be greater. */
export const atMost = (value: number): Target => ({ kind: "at most", value });
/** The ratio must not be smaller. */
export const atLeast = (value: number): Target => ({ kind: "at least", value });

/** Whether a ratio is what it has to be. */
export function meets({ kind, value }: Target, ratio: number): boolean {
  return kind === "at most" ? ratio <= value : ratio >= value;
}

/** Two things that are measured against each other. */
export interface Pairs {
  readonly ours: () => Promise<number>;
  readonly floor: () => Promise<number>;
  readonly target: Target;
  /** How one pair becomes a ratio. Default: ours over floor. */
  readonly ratio?: (ours: number, floor: number) => number;
  /** How many pairs are measured at most. Default 21. */
  readonly pairs?: number;
  /** Whether both are run once before anything counts. Default true. */
  readonly warmUp?: boolean;
}

/**
 * Measures two things in turn, so that a machine that gets slower or faster favours neither, until the target is decided.
 */
export async function inPairs(measured: Pairs): Promise<Measured> {
  const { ours, floor, target, ratio = over, pairs = 21, warmUp = true } = measured;
  if (warmUp) {
    await ours();
    await floor();
  }
  const runs: { ours: number; floor: number; ratio: number }[] = [];
  while (
    runs.length < pairs &&
    !isDecided(
      target,
      runs.map((run) => run.ratio),
    )
  ) {
    const oursFirst = runs.length % 2 === 0;
    const first = oursFirst ? await ours() : await floor();
    const second = oursFirst ? await floor() : await ours();
    const [mine, other] = oursFirst ? [first, second] : [second, first];
    runs.push({ ours: mine, floor: other, ratio: ratio(mine, other) });
  }
  return summary(target, runs);
}

/** The medians of runs, and the spread of their ratios. */
export function summary(
  target: Target,
  runs: readonly { readonly ours: number; readonly floor: number; readonly ratio: number }[],
): Measured {
  const ratios = runs.map((run) => run.ratio);
  return {
    ours: median(runs.map((run) => run.ours)),
    floor: median(runs.map((run) => run.floor)),
    ratio: median(ratios),
    ok: meets(target, median(ratios)),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

/**
 * A figure that is counted, not timed: it either is what it must be or not.
 * @param ratio default: ours over floor; to a floor of 0 it is the count itself
 */
export function counted(
  ours: number,
  floor: number,
  target: Target,
  ratio = floor === 0 ? ours : over(ours, floor),
): Measured {
  return { ours, floor, ratio, ok: meets(target, ratio), spread: [ratio, ratio] };
}

const over = (ours: number, floor: number) => ours / floor;

/**
 * Whether the median's side of the target is known: by the sign test with an error below 2 %, or because all of at least three ratios are on one side and farther from the
 * target than three times what lies between them.
 */
export function isDecided(target: Target, ratios: readonly number[]): boolean {
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)];
  const distance = Math.max(lowest - target.value, target.value - highest);
  if (ratios.length >= 3 && distance > 3 * (highest - lowest)) return true;
  const met = ratios.filter((ratio) => meets(target, ratio)).length;
  const fewer = Math.min(met, ratios.length - met);
  let ways = 0;
  for (let k = 0, choose = 1; k <= fewer; k++) {
    ways += choose;
    choose = (choose * (ratios.length - k)) / (k + 1);
  }
  return (2 * ways) / 2 ** ratios.length < 0.02;
}

/** The median of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Measures once for several rows. */
export function once<T>(measure: () => Promise<T>): () => Promise<T> {
  let measured: Promise<T> | undefined;
  return () => (measured ??= measure());
}

/** Milliseconds that a running process has spent on the processor, all threads; Linux counts them to the nanosecond. */
export function cpuMilliseconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
