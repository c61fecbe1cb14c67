/** Import files: resources that exist become part of the state without being made. */
import type { Running } from "./operation";
import type { Registrar } from "./registrar";
import { ResourceProvider } from "./providers";
import { newState } from "./state";
import { makeUrn, stackType } from "./urn";
import type { Json } from "./values";
import { fromWireMap } from "./values";

/** One resource of an import file. */
export interface ImportedResource {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs?: Record<string, Json>;
  readonly outputs?: Record<string, Json>;
  readonly protect?: boolean;
}

/** Imports all resources of a file. */
export async function importAll(
  running: Running,
  registrar: Registrar,
  resources: readonly ImportedResource[],
): Promise<void> {
  const { context, executor } = running;
  const parent = [...context.olds.values()].find((state) => state.type === stackType)?.urn ?? "";
  for (const { type, name, id, inputs, outputs, protect } of resources) {
    const provider = await registrar.providerForImport(type);
    const urn = makeUrn(context.stack, context.project, parent, type, name);
    if (context.olds.has(urn)) throw new Error(`resource '${urn}' already exists in the stack`);
    if (inputs === undefined || outputs === undefined) {
      throw new Error(`resource '${name}' needs inputs and outputs: a dynamic provider cannot be asked without them`);
    }
    const given = fromWireMap(inputs);
    const state = newState({
      urn,
      type,
      custom: true,
      id,
      parent,
      provider,
      protect: protect ?? false,
      inputs: given,
      outputs: fromWireMap(outputs),
      importId: "",
    });
    const answer = await new ResourceProvider(context.providers.hostOf(provider)).check(
      urn,
      given,
      given,
      new Uint8Array(32),
    );
    if (answer.failures.length > 0) {
      const reasons = answer.failures.map(({ property, reason }) => `${property}: ${reason}`).join("; ");
      throw new Error(`resource '${name}' cannot be imported: ${reasons}`);
    }
    state.inputs = answer.inputs;
    await executor.start([{ kind: "import", urn, old: undefined, new: state }]);
  }
}
