/** The rows of `npm run bench` and how they are measured: in interleaved pairs, and in CPU time if the processor is the limit. */
/** A measurement. */
export interface Measured {
  readonly ours: number;
  /** The minimum for any implementation, or the hand-written provider's value, in the same unit. */
  readonly floor: number;
  readonly ratio: number;
  readonly ok: boolean;
  /** The lowest and highest ratio of the pairs. */
  readonly spread: readonly [number, number];
}

/** The target of a ratio. */
export interface Target {
  readonly kind: "at most" | "at least";
  readonly value: number;
}

/** A row of the table. */
export interface Row {
  readonly figure: string;
  readonly target: Target;
  /** Measures the row against its target. */
  measure(target: Target): Promise<Measured>;
}

/** The ratio must not be higher. */
export const atMost = (value: number): Target => ({ kind: "at most", value });
/** The ratio must not be lower. */
export const atLeast = (value: number): Target => ({ kind: "at least", value });

/** Whether a ratio meets a target. */
export function meets({ kind, value }: Target, ratio: number): boolean {
  return kind === "at most" ? ratio <= value : ratio >= value;
}

/** Two measurements to compare. */
export interface Pairs {
  readonly ours: () => Promise<number>;
  readonly floor: () => Promise<number>;
  readonly target: Target;
  /** The ratio of one pair. Default: ours / floor. */
  readonly ratio?: (ours: number, floor: number) => number;
  /** Default: 21. */
  readonly maxPairs?: number;
  /** Whether both run once before the measurement. Default: true. */
  readonly warmUp?: boolean;
}

/**
 * Measures two things alternately, so that changes in the machine's speed affect both, until the result is clear.
 */
export async function inPairs(measured: Pairs): Promise<Measured> {
  const { ours, floor, target, ratio = over, maxPairs = 21, warmUp = true } = measured;
  if (warmUp) {
    await ours();
    await floor();
  }
  let pairs = 0;
  return untilDecided(target, maxPairs, async () => {
    const oursFirst = pairs++ % 2 === 0;
    const first = oursFirst ? await ours() : await floor();
    const second = oursFirst ? await floor() : await ours();
    const [mine, other] = oursFirst ? [first, second] : [second, first];
    return { ours: mine, floor: other, ratio: ratio(mine, other) };
  });
}

type Run = Pick<Measured, "ours" | "floor" | "ratio">;

/** Repeats a measurement until the result is clear. */
export async function untilDecided(target: Target, maxRuns: number, measure: () => Promise<Run>): Promise<Measured> {
  const runs: Run[] = [];
  const isOpen = () =>
    !isDecided(
      target,
      runs.map(({ ratio }) => ratio),
    );
  while (runs.length < maxRuns && isOpen()) runs.push(await measure());
  return summary(target, runs);
}

/** The medians of runs and the spread of their ratios. */
export function summary(target: Target, runs: readonly Run[]): Measured {
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
 * A value that is counted, not timed.
 * @param ratio default: ours / floor, or the count itself if the floor is 0
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
 * Whether it is clear on which side of the target the median is: by the sign test with an error below 2 %, or because
 * at least five ratios are on the same side and farther from the target than three times their spread.
 */
function isDecided(target: Target, ratios: readonly number[]): boolean {
  const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)];
  const distance = Math.max(lowest - target.value, target.value - highest);
  if (ratios.length >= 5 && distance > 3 * (highest - lowest)) return true;
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

/** Shares one measurement between several rows. */
export function once<T>(measure: () => Promise<T>): () => Promise<T> {
  let measured: Promise<T> | undefined;
  return () => (measured ??= measure());
}
