/** Runs the calls of a prebuild's lifecycle against a scripted API. */
import type { PrebuildInputs } from "../../src/prebuild/properties.js";
import { createPrebuild, deletePrebuild, readPrebuild, updatePrebuild } from "../../src/prebuild/lifecycle.js";
import { type PrebuildState, readState } from "../../src/prebuild/state.js";
import { prebuildId } from "./messages.js";
import { type Bench, bench, type Script } from "./prebuild-api.js";
import { declared, kept } from "./prebuilds.js";
import { failureOf, keptOf } from "./scripted.js";

const uninterrupted = new AbortController().signal;

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
  (inputs: PrebuildInputs) =>
  ({ context }: Bench) =>
    createPrebuild(context, inputs, uninterrupted);
const updating =
  (inputs: PrebuildInputs, state: PrebuildState) =>
  ({ context }: Bench) =>
    updatePrebuild(context, prebuildId, state, inputs);
const deleting =
  (state: Parameters<typeof deletePrebuild>[2]) =>
  ({ context }: Bench) =>
    deletePrebuild(context, prebuildId, state);

export const create = (script: Script, inputs = declared()) => succeeds(script, creating(inputs));
export const failedCreate = (script: Script, inputs = declared()) => fails(script, creating(inputs));
export const update = (script: Script, inputs: PrebuildInputs, state = kept()) =>
  succeeds(script, updating(inputs, state));
export const failedUpdate = (script: Script, inputs: PrebuildInputs, state = kept()) =>
  fails(script, updating(inputs, state));
export const remove = (script: Script, state: Parameters<typeof deletePrebuild>[2] = kept()) =>
  succeeds(script, deleting(state));
export const failedDelete = (script: Script, state: Parameters<typeof deletePrebuild>[2] = kept()) =>
  fails(script, deleting(state));
export const read = (script: Script, properties: object = kept(), id = prebuildId) =>
  succeeds(script, ({ context }) => readPrebuild(context, id, { ...properties }));

/** What the engine stores after a partial failure. */
export function keptBy(error: Error): PrebuildState {
  return readState(keptOf(error, prebuildId));
}
