/** What somebody else, or the server by itself, does to a stack's pools and prebuilds. */
import type { Simulator } from "../../src/testing/simulator/index.js";
import { initialSizes } from "../../src/warm-pool/inputs.js";
import type { Ledger } from "./invariants.js";
import type { Pair } from "./program-edits.js";
import type { Event } from "./random-scenario.js";
import type { Declared } from "./campaign-stack.js";

/** Lets something happen behind the stack's back; what makes no sense at the moment does not happen. */
export function happen(
  event: Event,
  sim: Simulator,
  ledger: Ledger,
  pairs: readonly Pair[],
  declared: readonly Declared[],
): void {
  if (event.event === "advance") return void sim.clock.advance(event.milliseconds);
  if (event.event === "createLike") return createLike(declared[event.at % Math.max(1, declared.length)], sim, ledger);
  if ("pair" in event) {
    const pair = pairs[event.pair];
    if (pair === undefined) return;
    if (event.event === "createPrebuild") {
      try {
        ledger.foreign(sim.createPrebuild({ ...pair }));
      } catch {
        // Prebuilds are not enabled on the project.
      }
      return;
    }
    if (event.event !== "create") {
      sim.configureProject(pair.projectId, { prebuildsEnabled: event.event === "enable" });
      for (const { id, phase } of sim.pools) if (phase === "DELETING") ledger.takenAway(id);
      return;
    }
    return createForeign({ ...pair, ...event.sizes }, sim, ledger);
  }
  if (
    event.event === "expire" ||
    event.event === "failPrebuild" ||
    event.event === "cancelPrebuild" ||
    event.event === "drainPrebuild" ||
    event.event === "removePrebuild"
  ) {
    return happenToPrebuild(event, sim, ledger);
  }
  const alive = sim.pools.filter(({ phase }) => phase !== "DELETED" && phase !== "DELETING");
  const pool = alive[event.at % Math.max(1, alive.length)];
  if (pool === undefined) return;
  switch (event.event) {
    case "resize":
      sim.resize(pool.id, event);
      if (ledger.isForeign(pool.id)) ledger.foreign(pool);
      return;
    case "drain":
    case "remove":
      ledger.takenAway(pool.id);
      return sim[event.event](pool.id);
    case "rotate":
      ledger.foreign(sim.rotate(pool.id));
      return;
    case "degrade":
      sim.degrade(pool.id);
      return;
    case "recover":
      if (pool.phase === "DEGRADED") sim.recover(pool.id);
  }
}

function createLike(like: Declared | undefined, sim: Simulator, ledger: Ledger): void {
  if (like?.kind !== "warmPool") return;
  const { projectId, environmentClassId, minSize, maxSize } = like.args;
  const pair = { projectId: String(projectId), environmentClassId: String(environmentClassId) };
  const sizes = initialSizes({
    ...(typeof minSize === "number" ? { minSize } : {}),
    ...(typeof maxSize === "number" ? { maxSize } : {}),
  });
  createForeign({ ...pair, ...sizes }, sim, ledger);
}

function createForeign(request: Parameters<Simulator["createPool"]>[0], sim: Simulator, ledger: Ledger): void {
  try {
    ledger.foreign(sim.createPool(request));
  } catch {
    // The pair has its pool already, or must have none.
  }
  // The server tells its time in whole seconds: within one of them nobody could tell whose it is.
  sim.clock.advance(5_000);
}

function happenToPrebuild(
  { event, at }: { readonly event: string; readonly at: number },
  sim: Simulator,
  ledger: Ledger,
): void {
  const alive = sim.prebuilds.filter(({ phase }) => phase !== "DELETED" && phase !== "DELETING");
  const prebuild = alive[at % Math.max(1, alive.length)];
  if (prebuild === undefined) return;
  const { id } = prebuild;
  try {
    if (event === "failPrebuild") sim.failPrebuild(id);
    else if (event === "cancelPrebuild") sim.cancelPrebuild(id);
    else if (event === "drainPrebuild") sim.drain(id);
    else if (event === "removePrebuild") sim.remove(id);
    else sim.expire(id);
  } catch {
    // It has ended already.
    return;
  }
  if (event !== "failPrebuild" && event !== "cancelPrebuild") ledger.takenAway(id);
}
