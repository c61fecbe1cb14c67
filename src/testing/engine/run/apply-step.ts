/** Carries out one step: calls the provider and notes the result in the step's states. */
import { interpretDiff } from "../plan/interpret-diff.js";
import { difference } from "../state/property-diff.js";
import { InitError } from "../host/provider-process.js";
import { ResourceProvider, type Providers } from "../host/providers.js";
import type { Diagnostic } from "../state/diagnostic.js";
import type { ResourceState } from "../state/resource-state.js";
import { isManaged, newOf, type Step } from "../plan/step-types.js";
import { isProviderType } from "../state/urn.js";
import { equal, Secret, unknownMarker, type PropertyMap } from "../state/property-values.js";

export interface ApplyContext {
  readonly dryRun: boolean;
  readonly providers: Providers;
  /** URNs that are being deleted in this update. */
  readonly deletes: ReadonlySet<string>;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** Carries out a step. An InitError that comes back means: done in part, and the states hold what there is. */
export async function apply(step: Step, context: ApplyContext): Promise<InitError | undefined> {
  const failure = await carryOut(step, context);
  const state = newOf(step);
  if (state !== undefined && step.kind !== "replace") markSecretOutputs(state);
  return failure;
}

async function carryOut(step: Step, context: ApplyContext): Promise<InitError | undefined> {
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
  if (isProviderType(state.type) && step.untargeted !== true) await context.providers.same(state, old.inputs);
}

async function create(step: StepOf<"create">, context: ApplyContext): Promise<InitError | undefined> {
  const { old, new: state } = step;
  let failure: InitError | undefined;
  if (isProviderType(state.type)) {
    state.id = await context.providers.create(state);
    state.outputs = state.inputs;
  } else if (state.custom) {
    // The dynamic provider takes no part in previews: what it would be asked is what is known.
    if (context.dryRun) state.outputs = state.inputs;
    else {
      const made = await partly(
        providerOf(state, context).create(state.urn, state.inputs, state.customTimeouts.create ?? 0),
      );
      failure = made.failure;
      state.id = made.result.id;
      state.outputs = made.result.properties;
      if (state.id === "") throw new Error("provider did not return an ID from Create");
    }
  } else state.outputs = undefined;
  state.initErrors = [...(failure?.reasons ?? [])];
  state.created = state.modified = now();
  if (step.replacing && step.pendingDelete && old !== undefined && !context.dryRun) old.delete = true;
  return failure;
}

async function update(step: StepOf<"update">, context: ApplyContext): Promise<InitError | undefined> {
  const { old, new: state } = step;
  state.id = old.id;
  if (isProviderType(state.type)) {
    await context.providers.update(state);
    state.outputs = state.inputs;
    return undefined;
  }
  if (!state.custom) {
    state.outputs = old.outputs;
    return undefined;
  }
  if (context.dryRun) {
    state.outputs = state.inputs;
    return undefined;
  }
  const olds = { inputs: old.inputs, outputs: old.outputs ?? {} };
  const options = { timeout: state.customTimeouts.update ?? 0, ignoreChanges: step.ignoreChanges };
  const changed = providerOf(state, context)
    .update(state.urn, old.id, olds, state.inputs, options)
    .then((properties) => ({ id: old.id, properties }));
  const { result, failure } = await partly(changed);
  state.outputs = result.properties;
  state.modified = now();
  if (failure !== undefined) {
    state.initErrors = [...failure.reasons];
    // The next update has to see that these inputs have not been reached.
    state.inputs = { ...old.inputs };
  }
  return failure;
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
    const olds = { inputs: old.inputs, outputs: old.outputs ?? {} };
    await providerOf(old, context).delete(old.urn, old.id, olds, old.customTimeouts.delete ?? 0);
  }
  if (step.pendingReplacement && !context.dryRun) old.pendingReplacement = true;
}

async function read(step: StepOf<"read">, context: ApplyContext): Promise<undefined> {
  const { old, new: state } = step;
  if (state.id === unknownMarker) {
    state.outputs = {};
    return;
  }
  const answer = await providerOf(state, context).read(state.urn, state.id, state.inputs, state.inputs, 0);
  if (answer.id === "") throw new Error(`resource '${state.id}' does not exist`);
  state.outputs = answer.properties;
  state.id = answer.id;
  state.initErrors = [...answer.initErrors];
  if (old !== undefined) {
    if (step.replacing && !context.dryRun) old.delete = true;
    state.created = old.created;
    state.modified = sameValues(old, state) ? old.modified : now();
  }
}

async function refresh(step: StepOf<"refresh">, context: ApplyContext): Promise<undefined> {
  const { old } = step;
  if (!isManaged(old) || old.pendingReplacement) return;
  const provider = providerOf(old, context);
  const timeout = old.customTimeouts.read ?? 0;
  const answer = await provider.read(old.urn, old.id, old.inputs, old.outputs ?? {}, timeout);
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
  };
  step.new = state;
  if (!sameValues(old, state)) state.modified = now();
  if (old.external) {
    step.changed = difference(old.outputs ?? {}, answer.properties) !== undefined;
    return;
  }
  // What was found plays the old part and what is in the state the new one: does anything differ that the provider manages?
  const found = { inputs: state.inputs, outputs: answer.properties };
  const diff = await provider.diff(old.urn, state.id, found, old.inputs, old.ignoreChanges);
  const meaning = interpretDiff(diff, state.inputs, old.inputs, old.ignoreChanges);
  step.changed = meaning.some;
  step.changedKeys = meaning.changedKeys;
}

function sameValues(a: ResourceState, b: ResourceState): boolean {
  return equal(a.inputs, b.inputs) && equal(a.outputs ?? {}, b.outputs ?? {});
}

function providerOf(state: ResourceState, context: ApplyContext): ResourceProvider {
  return new ResourceProvider(context.providers.hostOf(state.provider));
}

async function partly(
  running: Promise<{ id: string; properties: PropertyMap }>,
): Promise<{ result: { id: string; properties: PropertyMap }; failure: InitError | undefined }> {
  try {
    return { result: await running, failure: undefined };
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    return { result: { id: error.id, properties: error.properties }, failure: error };
  }
}

/** Marks as secret the outputs that were asked to be, and those whose inputs are. */
function markSecretOutputs(state: ResourceState): void {
  const { outputs } = state;
  if (outputs === undefined) return;
  const marked: PropertyMap = { ...outputs };
  for (const [key, value] of Object.entries(outputs)) {
    const secret = state.additionalSecretOutputs.includes(key) || state.inputs[key] instanceof Secret;
    if (secret && !(value instanceof Secret)) marked[key] = new Secret(value);
  }
  state.outputs = marked;
}

function now(): string {
  return new Date().toISOString();
}
