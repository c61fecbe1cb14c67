/** The end of a run: what makes the account healthy again, what a user does with an error's advice, and what state must hold. */
import { prebuildProperties } from "../../src/prebuild/properties.js";
import type { ResourceState } from "../../src/testing/engine/state/resource-state.js";
import type { Simulator } from "../../src/testing/simulator/index.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";
import { BrokenInvariant, type Invariants } from "./invariants.js";
import { pairOf } from "./program-edits.js";
import type { CampaignStack, Declared } from "./campaign-stack.js";

const outputNames = new Set<string>([
  ...warmPoolProperties.outputNames,
  ...prebuildProperties.outputNames,
  "minSize",
  "maxSize",
]);

/** Enables all prebuilds, gives every class a snapshot, and lets degraded pools recover. */
export function restoreHealth(sim: Simulator, invariants: Invariants): void {
  for (const { id, environmentClasses } of sim.projects) {
    sim.configureProject(id, { prebuildsEnabled: true });
    // The first snapshots may be gone, and a pool with waitForReady waits for one.
    for (const each of environmentClasses) invariants.noteForeign(sim.completePrebuild(id, each.id));
  }
  for (const { id, phase } of sim.pools) if (phase === "DEGRADED") sim.recover(id);
  sim.clock.advance(60_000);
}

/** The resource as its author declares it after reading an error. */
export function followAdvice(each: Declared, error: string): Declared {
  const { args } = each;
  if (error.includes("set the option `deleteBeforeReplace: true`") && each.deleteBeforeReplace !== true)
    return { ...each, deleteBeforeReplace: true };
  if (error.includes("already have a warm pool") && error.includes("adoptExisting") && args["adoptExisting"] !== true)
    return { ...each, args: { ...args, adoptExisting: true } };
  const missing = /Set (minSize|maxSize) too/.exec(error)?.[1];
  const other = args[missing === "minSize" ? "maxSize" : "minSize"];
  if (missing === undefined || other === undefined) return each;
  return { ...each, args: { ...args, [missing]: other } };
}

/** Each object as the API shows it, by id. */
export type Live = ReadonlyMap<string, LiveObject>;

type LiveObject = Readonly<Record<string, unknown>>;

/** Every object that the API has now. */
export function liveObjects(sim: Simulator): Live {
  return new Map([...sim.pools, ...sim.prebuilds].map((each) => [each.id, { ...each }]));
}

/**
 * Expects each declared resource once in state, as the API shows it and as the program declares it.
 * @param before what the API had when the refresh that wrote the state started. The autoscaler may have moved since.
 */
export function expectStateIsLive(sim: Simulator, stack: CampaignStack, before: Live): void {
  const { declared, state } = stack;
  const now = liveObjects(sim);
  if (state.length !== declared.length)
    throw new BrokenInvariant(`state has ${state.length} resources, the program declares ${declared.length}`);
  for (const each of declared) {
    const found = state.filter(({ urn }) => urn === stack.urnOf(each));
    const [resource] = found;
    if (resource === undefined || found.length > 1)
      throw new BrokenInvariant(`${each.name} is in state ${found.length} times`);
    if (each.kind === "warmPool") expectPoolIsLive(sim, each, resource);
    else expectPrebuildIsLive(sim, each, resource);
    const live = now.get(resource.id) ?? {};
    if (resource.outputs?.["expired"] !== true) expectOutputs(resource, live, before.get(resource.id) ?? live);
  }
}

function expectPoolIsLive(sim: Simulator, { name, args }: Declared, { id }: ResourceState): void {
  const live = sim.pool(id);
  const { minSize, maxSize } = args;
  if (pairOf({ ...live }) !== pairOf(args)) throw new BrokenInvariant(`${name} has the pool of another pair`);
  if ((minSize ?? live.minSize) !== live.minSize || (maxSize ?? live.maxSize) !== live.maxSize)
    throw new BrokenInvariant(`the pool of ${name} does not have the declared sizes`);
}

function expectPrebuildIsLive(sim: Simulator, { name, args }: Declared, { id, outputs }: ResourceState): void {
  const live = sim.prebuild(id);
  if (outputs?.["expired"] === true) return;
  if (
    live.projectId !== args["projectId"] ||
    (args["environmentClassId"] ?? live.environmentClassId) !== live.environmentClassId
  )
    throw new BrokenInvariant(`${name} has the prebuild of another project or class`);
}

/** Expects each output that the simulator shows to have its value now, or when the refresh started. */
function expectOutputs({ urn, outputs }: ResourceState, ...live: readonly [now: LiveObject, before: LiveObject]): void {
  for (const [property, value] of Object.entries(live[0])) {
    const shown = live.map((each) => valueOf(each, property));
    if (!outputNames.has(property) || shown.includes(outputs?.[property] ?? undefined)) continue;
    throw new BrokenInvariant(
      `${property} of ${urn} is ${JSON.stringify(outputs?.[property])} in state and ${JSON.stringify(value)} at the API`,
    );
  }
}

/** What state has of a value that the simulator shows. */
function valueOf(live: LiveObject, property: string): unknown {
  const isPercentage = property === "snapshotCompletionPercentage";
  return live[property] === "" || (isPercentage && live["phase"] !== "SNAPSHOTTING") ? undefined : live[property];
}
