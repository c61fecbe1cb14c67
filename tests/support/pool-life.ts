/** Runs the calls of a pool's lifecycle against a scripted API. */
import type { CreateOptions, OperationOptions, UpdateOptions } from "../../src/lifecycle/contract.js";
import type { WarmPoolInputs } from "../../src/warm-pool/inputs.js";
import { createWarmPool, deleteWarmPool, updateWarmPool } from "../../src/warm-pool/lifecycle.js";
import { readState, type WarmPoolState } from "../../src/warm-pool/state.js";
import { epoch, minutes } from "./fake-clock.js";
import { poolId } from "./messages.js";
import { type Bench, bench, type Script } from "./pool-api.js";
import { declared, kept, type Live, live } from "./pools.js";
import { failureOf, keptOf } from "./scripted.js";

/** Creation time of a pool that is older than any request of a test. */
export const older = new Date(epoch - minutes).toISOString();
/** Inputs that leave maxSize, or minSize, unmanaged. */
export const { maxSize: _max, ...onlyMin } = declared();
export const { minSize: _min, ...onlyMax } = declared();

/** A pool that has just been created: PENDING, without a snapshot. */
export function fresh(overrides: Live = {}) {
  const message = live({ phase: "PENDING", runningInstances: 0, ...overrides });
  return "snapshotId" in overrides ? message : { ...message, spec: { ...message.spec, snapshotId: undefined } };
}

export interface Outcome<T> extends Bench {
  readonly result: T;
}

/** Creates a pool and expects success. */
export async function create(
  script: Script,
  inputs: WarmPoolInputs = declared(),
  options: CreateOptions = {},
): Promise<Outcome<{ id: string; state: WarmPoolState }>> {
  const made = bench(script);
  const result = await made.clock.run(createWarmPool(made.context, inputs, options));
  expect(made.clock.pending).toEqual([]);
  return { ...made, result };
}

/** Updates a pool and expects success. */
export async function update(
  script: Script,
  inputs: WarmPoolInputs,
  state = kept(),
  options: UpdateOptions = {},
): Promise<Outcome<WarmPoolState>> {
  const made = bench(script);
  return { ...made, result: await made.clock.run(updateWarmPool(made.context, poolId, state, inputs, options)) };
}

export interface Failed extends Bench {
  readonly error: Error;
}

/** The failure of an operation, and the calls before it. */
async function failed(script: Script, run: (made: Bench) => Promise<unknown>): Promise<Failed> {
  const made = bench(script);
  return { ...made, error: await failureOf(made.clock, run(made)) };
}

export const failedCreate = (script: Script, inputs = declared(), options: CreateOptions = {}) =>
  failed(script, ({ context }) => createWarmPool(context, inputs, options));
export const failedUpdate = (script: Script, inputs: WarmPoolInputs, state = kept(), options: UpdateOptions = {}) =>
  failed(script, ({ context }) => updateWarmPool(context, poolId, state, inputs, options));
export const failedDelete = (script: Script, state = kept(), options: OperationOptions = {}) =>
  failed(script, ({ context }) => deleteWarmPool(context, poolId, state, options));

/** What the engine stores after a partial failure. */
export function keptBy(error: Error): WarmPoolState {
  return readState(keptOf(error, poolId));
}
