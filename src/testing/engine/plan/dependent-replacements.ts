/** Plans the deletions of dependents before a resource is deleted and recreated. */
import { applyReplaceOnChanges, interpretDiff, isReplacement } from "./interpret-diff.js";
import { ReportedError, type PlanContext } from "./plan-context.js";
import { referenceTo } from "../host/providers.js";
import { dependentsOf, type ResourceState } from "../state/resource-state.js";
import type { Step } from "./step-types.js";
import { isProviderType, urnOfProvider } from "../state/urn.js";
import { unknown, type PropertyMap } from "../state/property-values.js";

/** Steps that delete the dependents that a replacement replaces too, in reverse state order. */
export async function dependentReplacements(context: PlanContext, root: ResourceState): Promise<Step[]> {
  const { marks } = context;
  const steps: Step[] = [];
  for (const { state, keys } of (await dependentsToReplace(context, root)).reverse()) {
    if (marks.pendingDeletes.has(state)) continue;
    marks.dependentReplaceKeys.set(state.urn, keys);
    await context.providers.ensure(state.provider, context.resources);
    if (state.delete) {
      steps.push({ kind: "delete", urn: state.urn, old: state, replacing: false, pendingReplacement: false });
    } else {
      if (state.protect) {
        const message =
          `unable to replace resource "${state.urn}" as part of replacing "${root.urn}" as it is currently marked for ` +
          "protection. To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program " +
          `and run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${state.urn}'\``;
        context.report({ severity: "error", message, urn: root.urn });
        marks.errored = true;
        throw new ReportedError(message);
      }
      steps.push({ kind: "delete", urn: state.urn, old: state, replacing: true, pendingReplacement: true });
    }
    marks.deletes.add(state.urn);
    marks.pendingDeletes.add(state);
  }
  return steps;
}

async function dependentsToReplace(
  context: PlanContext,
  root: ResourceState,
): Promise<{ state: ResourceState; keys: readonly string[] }[]> {
  const { marks, resources } = context;
  const replaced = new Set([root.urn]);
  const result: { state: ResourceState; keys: readonly string[] }[] = [];
  const candidates = dependentsOf(resources, root, (urn) => marks.settled(urn));
  for (const state of candidates) {
    const keys = await replacementKeys(context, state, replaced);
    if (keys === undefined) continue;
    result.push({ state, keys });
    replaced.add(state.urn);
  }
  // Then the resources that `replaceWith` ties to any of these.
  for (const state of resources) {
    if (replaced.has(state.urn) || marks.settled(state.urn)) continue;
    if (!state.replaceWith.some((urn) => replaced.has(urn))) continue;
    result.push({ state, keys: ["replaceWith"] });
    replaced.add(state.urn);
  }
  return result;
}

/** The properties that replace a dependent, which may be none. Undefined if it is not replaced. */
async function replacementKeys(
  context: PlanContext,
  state: ResourceState,
  replaced: ReadonlySet<string>,
): Promise<readonly string[] | undefined> {
  const { providers, resources } = context;
  if (!state.custom || state.external) return undefined;
  if (state.provider !== "" && replaced.has(urnOfProvider(state.provider))) return [];
  if (state.deletedWith !== "" && replaced.has(state.deletedWith)) return [];
  let depends = false;
  const inputs: PropertyMap = {};
  for (const [key, value] of Object.entries(state.inputs)) {
    const isLost = state.propertyDependencies[key]?.some((urn) => replaced.has(urn)) === true;
    depends ||= isLost;
    inputs[key] = isLost ? unknown : value;
  }
  if (!depends) return undefined;
  const isProvider = isProviderType(state.type);
  await providers.ensure(isProvider ? referenceTo(state) : state.provider, resources);
  const answer = isProvider
    ? await providers.diff(state.urn, state, inputs)
    : await providers.hostOf(state.provider).diff(state, inputs, state.ignoreChanges);
  const diff = interpretDiff(answer, state.inputs, inputs, state.ignoreChanges);
  const final = applyReplaceOnChanges(diff, state.replaceOnChanges, false);
  return isReplacement(final) ? final.replaceKeys : undefined;
}
