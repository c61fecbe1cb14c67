/** What is left over at the end of an update and has to be deleted, and in which order. */
import type { PlanContext } from "./plan-context.js";
import { dependenciesOf, deletionGroups, type ResourceState } from "../state/resource-state.js";
import type { Step } from "./step-types.js";

/** Steps that delete what the program has not asked for; each group may run at once after the group before it. */
export async function planDeletions(
  context: PlanContext,
  refreshed: ReadonlyMap<ResourceState, ResourceState>,
): Promise<Step[][]> {
  const { marks, resources, options, providers, olds } = context;
  const isTargeted = targetedForDeletion(context);
  const steps = new Map<ResourceState, Step>();
  for (const before of [...resources]) {
    if (!isTargeted(before)) continue;
    const state = refreshed.get(before) ?? before;
    if (state.delete) {
      if (marks.pendingDeletes.has(state)) continue;
      marks.deletes.add(state.urn);
      steps.set(state, { kind: "delete", urn: state.urn, old: state, replacing: true, pendingReplacement: false });
    } else if (!marks.operatedOn(state.urn)) {
      marks.deletes.add(state.urn);
      steps.set(
        state,
        state.pendingReplacement
          ? { kind: "remove-pending-replace", urn: state.urn, old: state }
          : { kind: "delete", urn: state.urn, old: state, replacing: false, pendingReplacement: false },
      );
    }
  }
  for (const state of marks.toDelete) {
    if (!isTargeted(state)) continue;
    marks.deletes.add(state.urn);
    steps.set(state, { kind: "delete", urn: state.urn, old: state, replacing: false, pendingReplacement: false });
  }
  for (const [state] of steps) await providers.ensure(state.provider, olds);
  if (options.targets !== undefined && !options.targetDependents) refuseOthers(context, steps);
  return deletionGroups([...steps.keys()]).map((group) =>
    group.flatMap((state) => {
      const step = steps.get(state);
      return step === undefined ? [] : [step];
    }),
  );
}

/** Deletion reaches what depends on a target, too: it cannot live without. */
function targetedForDeletion(context: PlanContext): (state: ResourceState) => boolean {
  const { targets } = context.options;
  if (targets === undefined) return () => true;
  const reached = new Set<string>();
  for (const state of context.resources) {
    if (targets.has(state.urn) || [...dependenciesOf(state)].some((urn) => reached.has(urn))) reached.add(state.urn);
  }
  return (state) => reached.has(state.urn);
}

function refuseOthers(context: PlanContext, steps: ReadonlyMap<ResourceState, Step>): void {
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
