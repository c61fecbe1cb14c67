/** Describes what adopting a pool does to it: for a preview, and for the record afterwards. */
import { messageOf } from "../lifecycle/failures.js";
import { isUnknown } from "../lifecycle/unknown.js";
import type { Properties } from "../lifecycle/contract.js";
import { withDeadline } from "../lifecycle/wait.js";
import type { WarmPoolDetails } from "./outputs.js";
import { isIgnored } from "../lifecycle/ignore-changes.js";
import { describeCrossedSizes, managedSizes, pickSizes, sizeNames, type Sizes } from "./inputs.js";
import { readInputs } from "./state.js";
import { findPool, type WarmPoolContext } from "./api.js";

/** The sizes that an adoption sends: the managed ones without those that `ignoreChanges` covers. */
export function withoutIgnored(managed: Sizes, ignoreChanges: readonly string[]): Sizes {
  return pickSizes(managed, (name) => !isIgnored(name, ignoreChanges));
}

/** How long a preview searches for the pool. */
const previewTimeoutMs = 15_000;

/** Reports in a preview which pool `up` would adopt, and how. Never fails, because a preview does not need the API. */
export async function lookAhead(
  context: WarmPoolContext,
  inputs: Properties,
  ignoreChanges: readonly string[] = [],
): Promise<void> {
  await withDeadline(context.clock, previewTimeoutMs, async (deadline) => {
    try {
      const pool = await findPool(context, readInputs(inputs), deadline.signal);
      const { line, warning } = describeAdoption(pool, inputs, ignoreChanges);
      context.note(line, pool?.id);
      if (warning !== undefined) context.warn(warning, pool?.id);
    } catch (error) {
      const why = deadline.passed() ? "the API did not respond in time" : messageOf(error);
      context.warn(
        `could not check whether a warm pool of this project and environment class exists (${why}); \`pulumi up\` checks again`,
      );
    }
  });
}

/** Describes what a create with adoptExisting would do to the pool that the pair has now. Inputs may be unknown. */
export function describeAdoption(
  pool: WarmPoolDetails | undefined,
  inputs: Properties,
  ignoreChanges: readonly string[] = [],
): { line: string; warning?: string } {
  if (pool === undefined)
    return { line: "there is no warm pool of this project and environment class to adopt: `pulumi up` creates one" };
  if (pool.phase === "DELETING")
    return { line: "the existing warm pool is DELETING: `pulumi up` waits until it is gone and creates a new one" };
  const managed = managedSizes(inputs);
  const sizes = withoutIgnored(managed, ignoreChanges);
  const unknown = sizeNames.filter((name) => isUnknown(inputs[name]) && !isIgnored(name, ignoreChanges));
  const line = `\`pulumi up\` adopts the existing warm pool (${origin(pool)}): ${sizeChanges(pool, sizes, { ...pool, ...sizes }, unknown)}`;
  const crossed = unknown.length > 0 ? undefined : describeCrossedSizes(sizes, pool, managed);
  return crossed === undefined ? { line } : { line, warning: `\`pulumi up\` would refuse to adopt it: ${crossed}` };
}

/** Describes a pool: `READY, created 2026-03-01T12:00:00Z, last changed 2026-03-04T08:15:00Z`. */
export function origin({ phase, createdAt, updatedAt }: WarmPoolDetails): string {
  const created = createdAt === undefined ? [] : [`created ${createdAt}`];
  const changed = updatedAt === undefined || updatedAt === createdAt ? [] : [`last changed ${updatedAt}`];
  return [phase, ...created, ...changed].join(", ");
}

/** Describes each size before and after. Only the given sizes are sent: `minSize 1 as declared, maxSize 9 => 4`. */
export function sizeChanges(before: Sizes, sent: Sizes, after: Sizes, unknown: readonly string[] = []): string {
  const changes = sizeNames.map((name) => {
    const was = `${name} ${before[name] ?? "unset"}`;
    if (unknown.includes(name)) return `${was} => unknown`;
    if (sent[name] === undefined) return `${was} left alone`;
    return before[name] === after[name] ? `${was} as declared` : `${was} => ${after[name]}`;
  });
  return changes.join(", ");
}
