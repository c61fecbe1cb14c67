/** The end of a run: quiet, what people do who follow the advice of an error, and what must be true in the end. */
import { outputNames as prebuildOutputs } from "../../src/prebuild/outputs.js";
import type { ResourceState } from "../../src/testing/engine/state/resource-state.js";
import type { Simulator } from "../../src/testing/simulator/index.js";
import { outputNames as poolOutputs } from "../../src/warm-pool/outputs.js";
import { Broken, type Ledger } from "./invariants.js";
import { pairOf } from "./program-edits.js";
import { type CampaignStack, type Declared, urnOf } from "./campaign-stack.js";

const outputNames = new Set<string>([...poolOutputs, ...prebuildOutputs, "minSize", "maxSize"]);

/** Nothing disturbs any more: everything is configured, and no pool is unwell or waits for a snapshot that nobody makes. */
export function calm(sim: Simulator, ledger: Ledger): void {
  for (const { id, environmentClasses } of sim.projects) {
    sim.configureProject(id, { prebuildsEnabled: true });
    // Those from the start may be gone, and a pool with waitForReady waits for one.
    for (const each of environmentClasses) ledger.foreign(sim.completePrebuild(id, each.id));
  }
  for (const { id, phase } of sim.pools) if (phase === "DEGRADED") sim.recover(id);
  sim.clock.advance(60_000);
}

/** What its author makes of a resource after an error. */
export function advised(each: Declared, said: string): Declared {
  const { args } = each;
  if (said.includes("already have a warm pool") && said.includes("adoptExisting") && args["adoptExisting"] !== true)
    return { ...each, args: { ...args, adoptExisting: true } };
  const missing = /declare (minSize|maxSize) too/.exec(said)?.[1];
  const other = args[missing === "minSize" ? "maxSize" : "minSize"];
  if (missing === undefined || other === undefined) return each;
  return { ...each, args: { ...args, [missing]: other } };
}

/** What the API has of each object, by id. */
export type Live = ReadonlyMap<string, LiveObject>;

type LiveObject = Readonly<Record<string, unknown>>;

/** All that the API has at this moment. */
export function liveObjects(sim: Simulator): Live {
  return new Map([...sim.pools, ...sim.prebuilds].map((each) => [each.id, { ...each }]));
}

/**
 * The state has each declared resource once, as the API has it and as it is declared.
 * @param before what the API had when the refresh began that wrote the state: the autoscaler may have moved during it
 */
export function expectStateIsLive(sim: Simulator, { declared, state }: CampaignStack, before: Live): void {
  const now = liveObjects(sim);
  if (state.length !== declared.length) throw new Broken(`${state.length} resources for ${declared.length} declared`);
  for (const each of declared) {
    const found = state.filter(({ urn }) => urn === urnOf(each));
    const [resource] = found;
    if (resource === undefined || found.length > 1) throw new Broken(`${each.name} is ${found.length} times in state`);
    if (each.kind === "warmPool") expectPoolIsLive(sim, each, resource);
    else expectPrebuildIsLive(sim, each, resource);
    const live = now.get(resource.id) ?? {};
    if (resource.outputs?.["expired"] !== true) expectOutputs(resource, live, before.get(resource.id) ?? live);
  }
}

function expectPoolIsLive(sim: Simulator, { name, args }: Declared, { id }: ResourceState): void {
  const live = sim.pool(id);
  const { minSize, maxSize } = args;
  if (pairOf({ ...live }) !== pairOf(args)) throw new Broken(`${name} has a pool of another pair`);
  if ((minSize ?? live.minSize) !== live.minSize || (maxSize ?? live.maxSize) !== live.maxSize)
    throw new Broken(`${name} has not the sizes that are declared`);
}

function expectPrebuildIsLive(sim: Simulator, { name, args }: Declared, { id, outputs }: ResourceState): void {
  const live = sim.prebuild(id);
  if (outputs?.["expired"] === true) return;
  if (
    live.projectId !== args["projectId"] ||
    (args["environmentClassId"] ?? live.environmentClassId) !== live.environmentClassId
  )
    throw new Broken(`${name} has a prebuild of something else`);
}

/** Each output that the simulator shows too is what it shows, or showed when the refresh began; it has "" for what is not there. */
function expectOutputs({ urn, outputs }: ResourceState, ...live: readonly [now: LiveObject, before: LiveObject]): void {
  for (const [property, value] of Object.entries(live[0])) {
    const shown = live.map((each) => (each[property] === "" ? undefined : each[property]));
    if (!outputNames.has(property) || shown.includes(outputs?.[property] ?? undefined)) continue;
    throw new Broken(
      `${urn} has another ${property} in state than at the API: ${JSON.stringify(outputs?.[property])}, not ${JSON.stringify(value)}`,
    );
  }
}
