/** Applies one step: calls the provider and records the result in the step's states. */
import { randomBytes } from "node:crypto";
import { interpretDiff } from "../plan/interpret-diff.js";
import { difference } from "../state/property-diff.js";
import { InitError, type Answered, type ProviderHost } from "../host/provider-process.js";
import { providerConfig, type Providers } from "../host/providers.js";
import type { Diagnostic } from "../state/diagnostic.js";
import type { ResourceState } from "../state/resource-state.js";
import { isManaged, newOf, type Step } from "../plan/step-types.js";
import { isProviderType, nameOf } from "../state/urn.js";
import { equal, Secret, unknownMarker, type PropertyMap } from "../state/property-values.js";

export interface ApplyContext {
  readonly dryRun: boolean;
  readonly providers: Providers;
  /** URNs that this update deletes. */
  readonly deletes: ReadonlySet<string>;
  readonly report: (diagnostic: Diagnostic) => void;
}

/**
 * Applies a step. Returns an InitError if the resource is not healthy, in which case the states have its properties.
 */
export async function apply(step: Step, context: ApplyContext): Promise<InitError | undefined> {
  const failure = await applyKind(step, context);
  const state = newOf(step);
  if (state !== undefined && step.kind !== "replace") markSecretOutputs(state);
  return failure;
}

async function applyKind(step: Step, context: ApplyContext): Promise<InitError | undefined> {
  switch (step.kind) {
    case "same":
      return keep(step, context);
    case "create":
      return create(step, context);
    case "update":
      return update(step, context);
    case "delete":
      return remove(step, context);
    case "read":
      return read(step, context);
    case "refresh":
      return refresh(step, context);
    case "import":
      return importExisting(step, context);
    case "replace":
    case "remove-pending-replace":
      return undefined;
  }
}

type StepOf<Kind extends Step["kind"]> = Step & { kind: Kind };

async function keep(step: StepOf<"same">, context: ApplyContext): Promise<undefined> {
  const { old, new: state } = step;
  if (old === undefined) return;
  state.id = old.id;
  state.outputs = old.outputs;
  state.refreshBeforeUpdate = old.refreshBeforeUpdate;
  if (isProviderType(state.type) && step.untargeted !== true) await context.providers.same(state, old.inputs);
}

async function create(step: StepOf<"create">, context: ApplyContext): Promise<InitError | undefined> {
  const { old, new: state } = step;
  let failure: InitError | undefined;
  if (isProviderType(state.type)) {
    state.id = await context.providers.create(state);
    state.outputs = providerConfig(state.inputs);
  } else if (state.custom) {
    const options = { timeout: state.customTimeouts.create, preview: context.dryRun };
    const created = await catchInitError(providerOf(state, context).create(state.urn, state.inputs, options));
    failure = created.failure;
    state.id = created.id;
    state.outputs = created.properties;
    state.refreshBeforeUpdate = created.refreshBeforeUpdate;
    if (state.id === "" && !context.dryRun) throw new Error("provider did not return an ID from Create");
  } else state.outputs = undefined;
  state.initErrors = [...(failure?.reasons ?? [])];
  state.created = state.modified = now();
  if (step.replacing && step.pendingDelete && old !== undefined) old.delete = true;
  return failure;
}

async function update(step: StepOf<"update">, context: ApplyContext): Promise<InitError | undefined> {
  const { old, new: state } = step;
  state.id = old.id;
  if (isProviderType(state.type)) {
    await context.providers.update(state);
    state.outputs = providerConfig(state.inputs);
  } else if (!state.custom) state.outputs = old.outputs;
  else {
    const { ignoreChanges } = step;
    const options = { timeout: state.customTimeouts.update, preview: context.dryRun, ignoreChanges };
    const updating = providerOf(state, context).update({ ...old, urn: state.urn }, state.inputs, options);
    const { properties, refreshBeforeUpdate, failure } = await catchInitError(updating);
    state.outputs = properties;
    state.refreshBeforeUpdate = refreshBeforeUpdate;
    if (!context.dryRun) state.modified = now();
    if (failure === undefined) return undefined;
    state.initErrors = [...failure.reasons];
    // The next update must see that the new inputs are not in effect.
    state.inputs = { ...old.inputs };
    return failure;
  }
  return undefined;
}

async function remove(step: StepOf<"delete">, context: ApplyContext): Promise<undefined> {
  const { old } = step;
  if (!step.replacing && old.protect) {
    throw new Error(
      `resource "${old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the ` +
        "`protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n" +
        `\`pulumi state unprotect '${old.urn}'\``,
    );
  }
  const withAnother = old.deletedWith !== "" && context.deletes.has(old.deletedWith);
  if (!context.dryRun && isManaged(old) && !old.external && !old.retainOnDelete && !withAnother) {
    await providerOf(old, context).delete(old, old.customTimeouts.delete);
  }
  if (step.pendingReplacement && !context.dryRun) old.pendingReplacement = true;
}

async function read(step: StepOf<"read">, context: ApplyContext): Promise<undefined> {
  const { old, new: state } = step;
  if (state.id === unknownMarker) {
    state.outputs = {};
    return;
  }
  const answer = await providerOf(state, context).read({ ...state, outputs: state.inputs });
  if (answer.id === "") throw new Error(`resource '${state.id}' does not exist`);
  state.outputs = answer.properties;
  state.id = answer.id;
  state.refreshBeforeUpdate = answer.refreshBeforeUpdate;
  state.initErrors = [...answer.initErrors];
  if (old !== undefined) {
    if (step.replacing && !context.dryRun) old.delete = true;
    state.created = old.created;
    state.modified = sameValues(old, state) ? old.modified : now();
  }
}

/** Reads a resource that the state does not have. One of an import file is also checked, which only warns. */
async function importExisting({ new: state, isFromFile }: StepOf<"import">, context: ApplyContext): Promise<undefined> {
  if (state.outputs !== undefined) return;
  const { urn, id } = state;
  const host = providerOf(state, context);
  const answer = await host.read({ urn, id, outputs: undefined });
  if (answer.id === "") throw new Error(`resource '${id}' does not exist`);
  const { inputs, properties, initErrors, refreshBeforeUpdate } = answer;
  if (inputs === undefined) throw new Error(`the provider does not support the import of '${nameOf(urn)}'`);
  const created = now();
  Object.assign(state, { id: answer.id, inputs, outputs: properties, refreshBeforeUpdate, created, modified: created });
  state.initErrors = [...initErrors];
  if (!isFromFile) return;
  const { failures } = await host.check(urn, inputs, inputs, randomBytes(32));
  for (const { property, reason } of failures) {
    const message = `${state.type} resource '${nameOf(urn)}' has a problem: ${property}: ${reason}`;
    context.report({ severity: "warning", message, urn });
  }
}

async function refresh(step: StepOf<"refresh">, context: ApplyContext): Promise<undefined> {
  const { old } = step;
  if (!isManaged(old) || old.pendingReplacement) return;
  const provider = providerOf(old, context);
  const answer = await provider.read(old, old.customTimeouts.read);
  if (answer.initErrors.length > 0) {
    const message = `Refreshed resource is in an unhealthy state:\n* ${answer.initErrors.join("\n* ")}`;
    context.report({ severity: "warning", message, urn: old.urn });
  }
  if (answer.id === "") {
    step.new = undefined;
    return;
  }
  const state: ResourceState = {
    ...old,
    id: answer.id,
    initErrors: [...answer.initErrors],
    inputs: answer.inputs ?? old.inputs,
    outputs: answer.properties,
    refreshBeforeUpdate: answer.refreshBeforeUpdate,
  };
  step.new = state;
  if (!sameValues(old, state)) state.modified = now();
  if (old.external) {
    step.changed = difference(old.outputs ?? {}, answer.properties) !== undefined;
    return;
  }
  // A diff from the resource as found to the stored inputs shows whether anything changed that the provider manages.
  const answered = await provider.diff(state, old.inputs, old.ignoreChanges);
  const diff = interpretDiff(answered, state.inputs, old.inputs, old.ignoreChanges);
  step.changed = diff.some;
  step.changedKeys = diff.changedKeys;
}

function sameValues(a: ResourceState, b: ResourceState): boolean {
  return equal(a.inputs, b.inputs) && equal(a.outputs ?? {}, b.outputs ?? {});
}

function providerOf(state: ResourceState, context: ApplyContext): ProviderHost {
  return context.providers.hostOf(state.provider);
}

/** Turns an InitError into a result with the id and the properties that it has. */
async function catchInitError(running: Promise<Answered>): Promise<Answered & { failure?: InitError }> {
  try {
    return await running;
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    return { id: error.id, properties: error.properties, refreshBeforeUpdate: false, failure: error };
  }
}

/** Marks as secret the outputs in `additionalSecretOutputs`, and those whose inputs are secret. */
function markSecretOutputs(state: ResourceState): void {
  const { outputs } = state;
  if (outputs === undefined) return;
  const marked: PropertyMap = { ...outputs };
  for (const [key, value] of Object.entries(outputs)) {
    const isSecret = state.additionalSecretOutputs.includes(key) || state.inputs[key] instanceof Secret;
    if (isSecret && !(value instanceof Secret)) marked[key] = new Secret(value);
  }
  state.outputs = marked;
}

function now(): string {
  return new Date().toISOString();
}
