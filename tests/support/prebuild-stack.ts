/** Prebuilds in a stack of {@link import("./warm-pools").startBench}. */
import type { SimulatedPrebuild } from "../../src/testing/simulator/index";
import type { Bench, Declared } from "./warm-pools";

/** The prebuild `build` of the first project, as a test's program declares it. */
export function build(bench: Bench, more: object = {}, opts: Declared["opts"] = {}): Declared {
  const args = { projectId: bench.project, environmentClassId: bench.regular, ...more };
  return { kind: "Prebuild", name: "build", args, opts };
}

/** The prebuilds that are not those of the simulator's seed and not gone, oldest first. */
export function alive({ sim }: Pick<Bench, "sim">): SimulatedPrebuild[] {
  return sim.prebuilds.filter(({ triggeredBy, phase }) => triggeredBy === "MANUAL" && phase !== "DELETED");
}

/** The state of the prebuild `build`, if it has one. */
export function kept({ stack }: Pick<Bench, "stack">): { id: string; outputs: Record<string, unknown> } | undefined {
  const found = stack.state.find(({ urn }) => urn.endsWith("ona:Prebuild::build"));
  return found === undefined ? undefined : { id: found.id ?? "", outputs: found.outputs as Record<string, unknown> };
}
