/** Helpers for prebuilds in a stack of {@link import("./warm-pools").startBench}. */
import type { SimulatedPrebuild } from "../../src/testing/simulator/index";
import type { Bench, Declared } from "./warm-pools";

/** Declares the prebuild `build` of the first project. */
export function build(bench: Bench, more: object = {}, opts: Declared["opts"] = {}): Declared {
  const args = { projectId: bench.project, environmentClassId: bench.regular, ...more };
  return { kind: "Prebuild", name: "build", args, opts };
}

/** Returns the prebuilds that exist and are not part of the simulator's seed, oldest first. */
export function alive({ sim }: Pick<Bench, "sim">): SimulatedPrebuild[] {
  return sim.prebuilds.filter(({ triggeredBy, phase }) => triggeredBy === "MANUAL" && phase !== "DELETED");
}

/** Returns the state of the prebuild `build`, if there is one. */
export function kept({ stack }: Pick<Bench, "stack">): { id: string; outputs: Record<string, unknown> } | undefined {
  const found = stack.state.find(({ urn }) => urn.endsWith("ona:Prebuild::build"));
  return found === undefined ? undefined : { id: found.id ?? "", outputs: found.outputs as Record<string, unknown> };
}
