/** Runs the calls of a prebuild's lifecycle against a scripted API. */
import type { OperationOptions } from "../../src/lifecycle/contract.js";
import type { PrebuildInputs } from "../../src/prebuild/properties.js";
import { createPrebuild, deletePrebuild, readPrebuild, updatePrebuild } from "../../src/prebuild/lifecycle.js";
import { type PrebuildState, readState } from "../../src/prebuild/state.js";
import { prebuildId } from "./messages.js";
import { type Bench, bench, type Script } from "./prebuild-api.js";
import { declared, kept } from "./prebuilds.js";
import { failureOf, keptOf } from "./scripted.js";

export interface Outcome<T> extends Bench {
  readonly result: T;
}

export interface Failed extends Bench {
  readonly error: Error;
}

/** Runs something that must succeed and leave no timer behind. */
async function succeeds<T>(script: Script, run: (made: Bench) => Promise<T>): Promise<Outcome<T>> {
  const made = bench(script);
  const result = await made.clock.run(run(made));
  expect(made.clock.pending).toEqual([]);
  return { ...made, result };
}

async function fails(script: Script, run: (made: Bench) => Promise<unknown>): Promise<Failed> {
  const made = bench(script);
  return { ...made, error: await failureOf(made.clock, run(made)) };
}

const creating =
  (inputs: PrebuildInputs, options: OperationOptions) =>
  ({ context }: Bench) =>
    createPrebuild(context, inputs, options);
const updating =
  (inputs: PrebuildInputs, state: PrebuildState, options: OperationOptions) =>
  ({ context }: Bench) =>
    updatePrebuild(context, prebuildId, state, inputs, options);
const deleting =
  (state: Parameters<typeof deletePrebuild>[2], options: OperationOptions) =>
  ({ context }: Bench) =>
    deletePrebuild(context, prebuildId, state, options);

export const create = (script: Script, inputs = declared(), options: OperationOptions = {}) =>
  succeeds(script, creating(inputs, options));
export const failedCreate = (script: Script, inputs = declared(), options: OperationOptions = {}) =>
  fails(script, creating(inputs, options));
export const update = (script: Script, inputs: PrebuildInputs, state = kept(), options: OperationOptions = {}) =>
  succeeds(script, updating(inputs, state, options));
export const failedUpdate = (script: Script, inputs: PrebuildInputs, state = kept(), options: OperationOptions = {}) =>
  fails(script, updating(inputs, state, options));
export const remove = (
  script: Script,
  state: Parameters<typeof deletePrebuild>[2] = kept(),
  options: OperationOptions = {},
) => succeeds(script, deleting(state, options));
export const failedDelete = (
  script: Script,
  state: Parameters<typeof deletePrebuild>[2] = kept(),
  options: OperationOptions = {},
) => fails(script, deleting(state, options));
export const read = (script: Script, properties: object = kept(), id = prebuildId) =>
  succeeds(script, ({ context }) => readPrebuild(context, id, { ...properties }));

/** What the engine stores after a partial failure. */
export function keptBy(error: Error): PrebuildState {
  return readState(keptOf(error, prebuildId));
}
