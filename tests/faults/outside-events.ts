/** What someone else, or the server, does to a stack's pools and prebuilds. */
import type { Simulator } from "../../src/testing/simulator/index.js";
import { initialSizes } from "../../src/warm-pool/inputs.js";
import type { Invariants } from "./invariants.js";
import type { Pair } from "./program-edits.js";
import type { Event } from "./random-scenario.js";
import type { Declared } from "./campaign-stack.js";

/** Applies an event that the stack doesn't know of. An event that makes no sense at the moment is skipped. */
export function applyOutsideEvent(
  event: Event,
  sim: Simulator,
  invariants: Invariants,
  pairs: readonly Pair[],
  declared: readonly Declared[],
): void {
  if (event.event === "advance") return void sim.clock.advance(event.milliseconds);
  if (event.event === "createLike")
    return createLike(declared[event.at % Math.max(1, declared.length)], sim, invariants);
  if ("pair" in event) {
    const pair = pairs[event.pair];
    if (pair === undefined) return;
    if (event.event === "createPrebuild") {
      try {
        invariants.noteForeign(sim.createPrebuild({ ...pair }));
      } catch {
        // Prebuilds are not enabled on the project.
      }
      return passAmbiguousTime(sim);
    }
    if (event.event !== "create") {
      sim.configureProject(pair.projectId, { prebuildsEnabled: event.event === "enable" });
      for (const { id, phase } of sim.pools) if (phase === "DELETING") invariants.noteDeletedOutside(id);
      return;
    }
    return createForeign({ ...pair, ...event.sizes }, sim, invariants);
  }
  if (
    event.event === "expire" ||
    event.event === "failPrebuild" ||
    event.event === "cancelPrebuild" ||
    event.event === "drainPrebuild" ||
    event.event === "removePrebuild"
  ) {
    return applyToPrebuild(event, sim, invariants);
  }
  const alive = sim.pools.filter(({ phase }) => phase !== "DELETED" && phase !== "DELETING");
  const pool = alive[event.at % Math.max(1, alive.length)];
  if (pool === undefined) return;
  switch (event.event) {
    case "resize":
      sim.resize(pool.id, event);
      if (invariants.isForeign(pool.id)) invariants.noteForeign(pool);
      return;
    case "drain":
    case "remove":
      invariants.noteDeletedOutside(pool.id);
      return sim[event.event](pool.id);
    case "rotate":
      invariants.noteForeign(sim.rotate(pool.id));
      return;
    case "degrade":
      sim.degrade(pool.id);
      return;
    case "recover":
      if (pool.phase === "DEGRADED") sim.recover(pool.id);
  }
}

function createLike(like: Declared | undefined, sim: Simulator, invariants: Invariants): void {
  if (like?.kind !== "warmPool") return;
  const { projectId, environmentClassId, minSize, maxSize } = like.args;
  const pair = { projectId: String(projectId), environmentClassId: String(environmentClassId) };
  const sizes = initialSizes({
    ...(typeof minSize === "number" ? { minSize } : {}),
    ...(typeof maxSize === "number" ? { maxSize } : {}),
  });
  createForeign({ ...pair, ...sizes }, sim, invariants);
}

function createForeign(request: Parameters<Simulator["createPool"]>[0], sim: Simulator, invariants: Invariants): void {
  try {
    invariants.noteForeign(sim.createPool(request));
  } catch {
    // The pair already has a pool, or its project allows none.
  }
  passAmbiguousTime(sim);
}

/** The server's clock shows whole seconds. Within one second, the provider may not be able to tell whose object it is. */
function passAmbiguousTime(sim: Simulator): void {
  sim.clock.advance(5_000);
}

function applyToPrebuild(
  { event, at }: { readonly event: string; readonly at: number },
  sim: Simulator,
  invariants: Invariants,
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
    // It has already ended.
    return;
  }
  if (event !== "failPrebuild" && event !== "cancelPrebuild") invariants.noteDeletedOutside(id);
}
