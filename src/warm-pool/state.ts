/** What is kept of a warm pool, and how the API's answer becomes it. */
import { omitUndefined } from "../util/nullish.js";
import type { Timeouts } from "../lifecycle/timeouts.js";
import type { WarmPoolMessage } from "../client/index.js";
import { steadyNames, type WarmPoolDetails } from "./outputs.js";
import { type SizeName, sizeNames, type Sizes, type WaitForReady, type WarmPoolInputs } from "./inputs.js";

/** The outputs of a managed pool: the live pool, the inputs that the API does not know, and what read and delete need (hidden, `__`). */
export interface WarmPoolState extends Omit<WarmPoolDetails, "id"> {
  readonly adoptExisting?: boolean;
  readonly waitForReady?: WaitForReady;
  readonly connection?: string;
  /** The sizes that the program declares; a pool without it is only read. */
  readonly __managed: readonly SizeName[];
  readonly __timeouts?: Timeouts;
  /** Set while the pool has not become what was asked for, so that the next `up` goes on even after a refresh. */
  readonly __unfinished?: true;
  /** The shape of this state. */
  readonly __version: 1;
}

/** The pool that an answer of the API describes. Pools that carry only the deprecated desired_size have min = max = desiredSize. */
export function detailsOf({ id, metadata, spec, status }: WarmPoolMessage): WarmPoolDetails {
  return omitUndefined<WarmPoolDetails>({
    id,
    projectId: metadata.projectId,
    environmentClassId: metadata.environmentClassId,
    organizationId: metadata.organizationId,
    runnerId: metadata.runnerId,
    createdAt: metadata.createdAt,
    updatedAt: metadata.updatedAt,
    phase: status.phase,
    failureMessage: status.failureMessage,
    snapshotId: spec.snapshotId,
    ...sizesOf(spec),
    desiredSize: status.desiredSize,
    runningInstances: status.runningInstances,
    stoppedInstances: status.stoppedInstances,
  });
}

/** The state of a managed pool. */
export function stateOf(
  pool: WarmPoolDetails,
  inputs: Partial<WarmPoolInputs>,
  managed: readonly SizeName[],
  unfinished: boolean,
): WarmPoolState {
  const { id, ...live } = pool;
  return omitUndefined<WarmPoolState>({
    ...live,
    adoptExisting: inputs.adoptExisting,
    waitForReady: inputs.waitForReady,
    connection: inputs.connection,
    __managed: managed,
    __timeouts: inputs.__timeouts,
    __unfinished: unfinished ? (true as const) : undefined,
    __version: 1,
  });
}

/** The live inputs of a managed pool: what a program would have to say so that nothing is to be done. */
export function liveInputs(pool: WarmPoolDetails, state: WarmPoolState): WarmPoolInputs {
  const sizes = Object.fromEntries(state.__managed.map((name) => [name, pool[name]])) as Sizes;
  return omitUndefined<WarmPoolInputs>({
    projectId: pool.projectId,
    environmentClassId: pool.environmentClassId,
    ...sizes,
    adoptExisting: state.adoptExisting,
    waitForReady: state.waitForReady,
    connection: state.connection,
    __timeouts: state.__timeouts,
  });
}

/** What a pool that is only read shows: everything that does not move by itself, since any change of it would count as drift. */
export function steadyDetails(pool: WarmPoolDetails): Partial<WarmPoolDetails> {
  return Object.fromEntries(steadyNames.flatMap((name) => (pool[name] === undefined ? [] : [[name, pool[name]]])));
}

/**
 * The state that the engine has in hand, as far as it is one: a property that an older release did not store is absent, and one that a newer release stored is ignored.
 */
export function readState(properties: Readonly<Record<string, unknown>>): WarmPoolState {
  return { ...(properties as Partial<WarmPoolState>), ...requiredOf(properties) };
}

function requiredOf(properties: Readonly<Record<string, unknown>>) {
  const text = (name: string) => (typeof properties[name] === "string" ? properties[name] : "");
  const count = (name: string) => (typeof properties[name] === "number" ? properties[name] : 0);
  const managed: unknown = properties["__managed"];
  return {
    projectId: text("projectId"),
    environmentClassId: text("environmentClassId"),
    phase: text("phase"),
    desiredSize: count("desiredSize"),
    runningInstances: count("runningInstances"),
    stoppedInstances: count("stoppedInstances"),
    __managed: sizeNames.filter((name) => Array.isArray(managed) && managed.includes(name)),
    __version: 1 as const,
  };
}

/** Whether what the engine has in hand is the state of a managed pool, and not of one that is only read. */
export function isManagedState(properties: object): properties is WarmPoolState {
  return "__managed" in properties && Array.isArray(properties.__managed);
}

function sizesOf(spec: WarmPoolMessage["spec"]): { minSize: number | undefined; maxSize: number | undefined } {
  const { minSize, maxSize, desiredSize } = spec;
  if (minSize === undefined && maxSize === undefined) return { minSize: desiredSize, maxSize: desiredSize };
  return { minSize, maxSize };
}
