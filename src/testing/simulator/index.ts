/** The simulator of the API: `startSimulator` and its types. */
export type { Plan, Scope } from "./access-control.js";
export type { ClockKind } from "./clock.js";
export type { CodeName } from "./connect-codes.js";
export type { ArmedFault, Fault, FaultKind } from "./faults.js";
export { Levers, type ProjectChange, type SimulatedProject } from "./levers.js";
export type { Timings } from "./phase-schedule.js";
export type { NewPool, Sizes } from "./pools.js";
export type { NewPrebuild, RunOptions } from "./prebuilds.js";
export type { LoggedRequest } from "./request-log.js";
export type { RPC } from "./rpc-names.js";
export type { ClassOptions, ProjectOptions } from "./seed-projects.js";
export { Simulator, startSimulator, type SimulatorClock, type SimulatorOptions } from "./simulator.js";
export { plausible, type Unknowns } from "./unknowns.js";
export type { SimulatedPool, SimulatedPrebuild } from "./simulated-objects.js";
