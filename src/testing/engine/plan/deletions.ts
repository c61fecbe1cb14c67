/** Plans the deletions at the end of an update. */
import type { PlanContext } from "./plan-context.js";
import { dependenciesOf, deletionGroups, type ResourceState } from "../state/resource-state.js";
import type { Step } from "./step-types.js";

/** Steps that delete what the program did not register. The steps of a group may run at the same time. */
export async function planDeletions(
  context: PlanContext,
  refreshed: ReadonlyMap<ResourceState, ResourceState>,
): Promise<Step[][]> {
  const { marks, resources, options, providers } = context;
  const isTargeted = targetedForDeletion(context);
  const steps = new Map<ResourceState, Step>();
  const remove = (old: ResourceState, replacing: boolean): void => {
    marks.deletes.add(old.urn);
    steps.set(old, { kind: "delete", urn: old.urn, old, replacing, pendingReplacement: false });
  };
  for (const before of resources) {
    if (!isTargeted(before)) continue;
    const state = refreshed.get(before) ?? before;
    if (state.delete) {
      if (!marks.pendingDeletes.has(state)) remove(state, true);
    } else if (!marks.operatedOn(state.urn)) {
      if (!state.pendingReplacement) remove(state, false);
      else {
        marks.deletes.add(state.urn);
        steps.set(state, { kind: "remove-pending-replace", urn: state.urn, old: state });
      }
    }
  }
  for (const state of marks.toDelete) if (isTargeted(state)) remove(state, false);
  for (const [state] of steps) await providers.ensure(state.provider, resources);
  if (options.targets !== undefined && !options.targetDependents) reportUntargeted(context, steps);
  return deletionGroups([...steps.keys()]).map((group) => group.flatMap((state) => steps.get(state) ?? []));
}

/** Deleting a target also deletes what depends on it. */
function targetedForDeletion(context: PlanContext): (state: ResourceState) => boolean {
  const { targets } = context.options;
  if (targets === undefined) return () => true;
  const reached = new Set<string>();
  for (const state of context.resources) {
    if (targets.has(state.urn) || [...dependenciesOf(state)].some((urn) => reached.has(urn))) reached.add(state.urn);
  }
  return (state) => reached.has(state.urn);
}

function reportUntargeted(context: PlanContext, steps: ReadonlyMap<ResourceState, Step>): void {
  const { targets } = context.options;
  for (const { urn } of steps.keys()) {
    if (targets?.has(urn) === true) continue;
    context.marks.errored = true;
    const message =
      `Resource '${urn}' will be destroyed but was not specified in --target list.\n` +
      "Either include resource in --target list or pass --target-dependents to proceed.";
    context.report({ severity: "error", message, urn });
  }
}
