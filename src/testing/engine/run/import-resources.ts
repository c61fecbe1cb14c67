/** Imports existing resources into the state. */
import type { ImportedResource } from "../state/import-file.js";
import type { Running } from "./operation-context.js";
import type { Registrar } from "./registrar.js";
import { newState, type ResourceState } from "../state/resource-state.js";
import { dynamicPackage, makeUrn, packageOf, stackType } from "../state/urn.js";
import { fromWireMap } from "../state/property-values.js";

/** Imports the resources of a file. */
export async function importAll(
  running: Running,
  registrar: Registrar,
  resources: readonly ImportedResource[],
): Promise<void> {
  const { context, executor, halt } = running;
  const parent = await stackOf(running);
  const states: ResourceState[] = [];
  for (const resource of resources) {
    const provider = await registrar.providerForImport(resource.type);
    states.push(await checkResource(running, resource, parent, provider));
  }
  for (const old of context.resources) {
    if (old.delete || old.type === stackType) continue;
    await executor.start([{ kind: "same", urn: old.urn, old, new: { ...old }, untargeted: true }]);
  }
  const started: Promise<void>[] = [];
  for (const state of states) {
    if (!halt.signal.aborted)
      started.push(executor.start([{ kind: "import", urn: state.urn, old: undefined, new: state, isFromFile: true }]));
  }
  await Promise.all(started);
}

/** The URN of the stack's own resource, which is created if there is none. */
async function stackOf({ context, executor }: Running): Promise<string> {
  const old = [...context.olds.values()].find((state) => state.type === stackType);
  if (old !== undefined) {
    await executor.start([{ kind: "same", urn: old.urn, old, new: { ...old } }]);
    return old.urn;
  }
  const urn = makeUrn(context.stack, context.project, "", stackType, `${context.project}-${context.stack}`);
  const state = newState({ urn, type: stackType });
  await executor.start([
    { kind: "create", urn, old: undefined, new: state, replacing: false, pendingDelete: false, replaceKeys: [] },
  ]);
  return urn;
}

async function checkResource(
  { context }: Running,
  { type, name, id, inputs, outputs, protect = false }: ImportedResource,
  parent: string,
  provider: string,
): Promise<ResourceState> {
  const urn = makeUrn(context.stack, context.project, parent, type, name);
  if (context.olds.has(urn)) throw new Error(`resource '${urn}' already exists in the stack`);
  const imported = { urn, type, custom: true, id, parent, provider, protect };
  if (inputs === undefined || outputs === undefined) {
    if (packageOf(type) !== dynamicPackage) return newState(imported);
    throw new Error(
      `resource '${name}' has no inputs or outputs: add them to the import file, because a dynamic provider needs them`,
    );
  }
  const given = fromWireMap(inputs);
  const answer = await context.providers.hostOf(provider).check(urn, given, given, new Uint8Array(32));
  if (answer.failures.length > 0) {
    const reasons = answer.failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ");
    throw new Error(`resource '${name}' cannot be imported: ${reasons}`);
  }
  const now = new Date().toISOString();
  return newState({
    ...imported,
    inputs: answer.inputs,
    outputs: fromWireMap(outputs),
    created: now,
    modified: now,
  });
}
