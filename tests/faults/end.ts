/** The end of a run: quiet, what people do who follow the advice of an error, and what must be true in the end. */
import { outputNames as prebuildOutputs } from "../../src/prebuild/details";
import type { ResourceState } from "../../src/testing/engine/state";
import type { Simulator } from "../../src/testing/simulator/index";
import { outputNames as poolOutputs } from "../../src/warm-pool/details";
import { Broken, type Ledger } from "./ledger";
import { pairOf } from "./program";
import { type CampaignStack, type Declared, urnOf } from "./stack";

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

/** The state has each declared resource once, as the API has it and as it is declared. */
export function expectStateIsLive(sim: Simulator, { declared, state }: CampaignStack): void {
  if (state.length !== declared.length) throw new Broken(`${state.length} resources for ${declared.length} declared`);
  for (const each of declared) {
    const found = state.filter(({ urn }) => urn === urnOf(each));
    const [resource] = found;
    if (resource === undefined || found.length > 1) throw new Broken(`${each.name} is ${found.length} times in state`);
    if (each.kind === "warmPool") expectPoolIsLive(sim, each, resource);
    else expectPrebuildIsLive(sim, each, resource);
  }
}

function expectPoolIsLive(sim: Simulator, { name, args }: Declared, { id, outputs }: ResourceState): void {
  const live = sim.pool(id);
  const { minSize, maxSize } = args;
  if (pairOf({ ...live }) !== pairOf(args)) throw new Broken(`${name} has a pool of another pair`);
  if ((minSize ?? live.minSize) !== live.minSize || (maxSize ?? live.maxSize) !== live.maxSize)
    throw new Broken(`${name} has not the sizes that are declared`);
  expectOutputs(name, outputs, { ...live });
}

function expectPrebuildIsLive(sim: Simulator, { name, args }: Declared, { id, outputs }: ResourceState): void {
  const live = sim.prebuild(id);
  if (outputs?.["expired"] === true) return;
  if (
    live.projectId !== args["projectId"] ||
    (args["environmentClassId"] ?? live.environmentClassId) !== live.environmentClassId
  )
    throw new Broken(`${name} has a prebuild of something else`);
  expectOutputs(name, outputs, { ...live });
}

/** Each output that the simulator shows too is what it shows; it has "" for what is not there. */
function expectOutputs(name: string, outputs: ResourceState["outputs"], live: Readonly<Record<string, unknown>>): void {
  for (const [property, value] of Object.entries(live)) {
    if (!outputNames.has(property) || outputs?.[property] === (value === "" ? undefined : value)) continue;
    throw new Broken(
      `${name} has another ${property} in state than at the API: ${JSON.stringify(outputs?.[property])}, not ${JSON.stringify(value)}`,
    );
  }
}
