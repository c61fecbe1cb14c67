/** What taking over a pool that exists does to it: in words, for a preview before and for the record afterwards. */
import { messageOf } from "../lifecycle/failures.js";
import { isUnknown } from "../lifecycle/unknown.js";
import { startDeadline } from "../lifecycle/wait.js";
import type { WarmPoolDetails } from "./outputs.js";
import { crossedSizes, managedSizes, readInputs, sizeNames, type Sizes } from "./inputs.js";
import { findPool, type WarmPoolContext } from "./api.js";

/** How long a preview looks for the pool of a pair, in milliseconds; what it finds is only said. */
const lookPatience = 15_000;

/** Says in a preview which pool `up` would take over, and what it would change of it. Never fails: a preview does not need the API. */
export async function lookAhead(context: WarmPoolContext, inputs: Readonly<Record<string, unknown>>): Promise<void> {
  const limit = startDeadline(context.clock, lookPatience);
  try {
    const pool = await findPool(context, readInputs(inputs), limit.signal);
    const { line, warning } = foresee(pool, inputs);
    context.progress(line, pool?.id);
    if (warning !== undefined) context.warn(warning, pool?.id);
  } catch (error) {
    const why = limit.passed() ? "the API did not respond in time" : messageOf(error);
    context.warn(
      `could not check whether a warm pool of this project and environment class exists (${why}); \`pulumi up\` checks again`,
    );
  } finally {
    limit.end();
  }
}

/**
 * What a create with adoptExisting would meet.
 * @param pool the pool that the pair has now
 * @param inputs what the program declares; unknown values count as declared
 */
export function foresee(
  pool: WarmPoolDetails | undefined,
  inputs: Readonly<Record<string, unknown>>,
): { line: string; warning?: string } {
  if (pool === undefined)
    return { line: "there is no warm pool of this project and environment class to adopt: `pulumi up` creates one" };
  if (pool.phase === "DELETING")
    return { line: "the warm pool that exists is DELETING: `pulumi up` waits for the end and creates a new one" };
  const managed = managedSizes(inputs);
  const unknown = sizeNames.filter((name) => isUnknown(inputs[name]));
  const line = `\`pulumi up\` adopts the existing warm pool (${origin(pool)}): ${sizeChanges(pool, managed, { ...pool, ...managed }, unknown)}`;
  const crossed = unknown.length > 0 ? undefined : crossedSizes(managed, pool);
  return crossed === undefined ? { line } : { line, warning: `\`pulumi up\` would refuse to adopt it: ${crossed}` };
}

/** What tells a pool that exists from others: `READY, created 2026-03-01T12:00:00Z, last changed 2026-03-04T08:15:00Z`. The API does not say by whom. */
export function origin({ phase, createdAt, updatedAt }: WarmPoolDetails): string {
  const created = createdAt === undefined ? [] : [`created ${createdAt}`];
  const changed = updatedAt === undefined || updatedAt === createdAt ? [] : [`last changed ${updatedAt}`];
  return [phase, ...created, ...changed].join(", ");
}

/**
 * Every size before and after: `minSize 1 as declared, maxSize 9 => 4`; one that is not managed is left alone.
 * @param unknown managed sizes whose value is not known yet
 */
export function sizeChanges(before: Sizes, managed: Sizes, after: Sizes, unknown: readonly string[] = []): string {
  const changes = sizeNames.map((name) => {
    const was = `${name} ${before[name] ?? "unset"}`;
    if (unknown.includes(name)) return `${was} => not known yet`;
    if (managed[name] === undefined) return `${was} left alone`;
    return before[name] === after[name] ? `${was} as declared` : `${was} => ${after[name]}`;
  });
  return changes.join(", ");
}
