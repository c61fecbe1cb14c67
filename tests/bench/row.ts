/** What a row of `npm run bench` is, and how figures are measured: interleaved pairs in one run, CPU time where the processor is the limit. */
import { readdirSync, readFileSync } from "node:fs";

/** What was measured of a figure. */
export interface Measured {
  readonly ours: number;
  /** The least that any implementation must do, in the same unit. */
  readonly floor: number;
  readonly ratio: number;
  readonly ok: boolean;
  /** The lowest and highest ratio of the pairs. */
  readonly spread: readonly [number, number];
}

/** A row of the table. */
export interface Row {
  readonly figure: string;
  readonly target: string;
  measure(): Promise<Measured>;
}

/**
 * Measures two things in turn, so that a machine that gets slower or faster favours neither.
 * @param ratio how one pair becomes a ratio
 */
export async function inPairs(
  pairs: number,
  ours: () => Promise<number>,
  floor: () => Promise<number>,
  ratio: (ours: number, floor: number) => number,
): Promise<Omit<Measured, "ok">> {
  await ours();
  await floor();
  const runs: { ours: number; floor: number }[] = [];
  for (let n = 0; n < pairs; n++) {
    if (n % 2 === 0) runs.push({ ours: await ours(), floor: await floor() });
    else {
      const other = await floor();
      runs.push({ ours: await ours(), floor: other });
    }
  }
  const ratios = runs.map((run) => ratio(run.ours, run.floor)).sort((a, b) => a - b);
  return {
    ours: median(runs.map((run) => run.ours)),
    floor: median(runs.map((run) => run.floor)),
    ratio: median(ratios),
    spread: [ratios[0] ?? NaN, ratios.at(-1) ?? NaN],
  };
}

/** A figure that is counted, not timed: it either is what it must be or not. */
export function counted(ours: number, floor: number, ok: boolean): Measured {
  const ratio = floor === 0 ? ours : ours / floor;
  return { ours, floor, ratio, ok, spread: [ratio, ratio] };
}

/** The median of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Milliseconds that a running process has spent on the processor, all threads; Linux counts them to the nanosecond. */
export function cpuMilliseconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
