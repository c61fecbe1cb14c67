// The simulator of the API: startSimulator and the types of what it gives.
export type { Plan, Scope } from "./auth.js";
export type { ClockKind } from "./clock.js";
export type { CodeName } from "./codes.js";
export type { ArmedFault, Fault, FaultKind } from "./faults.js";
export { Levers, type ProjectChange, type SimulatedProject } from "./levers.js";
export type { Timings } from "./phases.js";
export type { NewPool, Sizes } from "./pools.js";
export type { NewPrebuild, RunOptions } from "./prebuilds.js";
export type { LoggedRequest } from "./request-log.js";
export type { RPC } from "./rpc-names.js";
export type { ClassOptions, ProjectOptions } from "./seed.js";
export { Simulator, startSimulator, type SimulatorClock, type SimulatorOptions } from "./simulator.js";
export { plausible, type Unknowns } from "./unknowns.js";
export type { SimulatedPool, SimulatedPrebuild } from "./views.js";
