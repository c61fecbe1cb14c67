/** What the parts of a running operation share. */
import type { EngineEvent } from "./engine-events.js";
import type { Diagnostic } from "../state/diagnostic.js";
import type { Executor } from "./step-executor.js";
import type { ImportedResource } from "../state/import-file.js";
import type { Journal } from "./state-journal.js";
import type { PlanContext } from "../plan/plan-context.js";
import type { Project } from "../host/project-file.js";
import type { StartProcess } from "../host/child-process.js";
import type { ResourceState } from "../state/resource-state.js";
import type { ProviderCall } from "../host/provider-call.js";
import type { PropertyMap } from "../state/property-values.js";

/** The options of an operation. */
export interface OperationOptions {
  readonly kind: "update" | "refresh" | "destroy" | "import";
  readonly dryRun: boolean;
  /** Refresh everything before the program runs. */
  readonly refreshFirst: boolean;
  /** Run the program in a refresh or destroy. */
  readonly runProgram: boolean;
  readonly targets: readonly string[] | undefined;
  readonly targetDependents: boolean;
  readonly replace: readonly string[];
  readonly clearPendingCreates: boolean;
  readonly imports: readonly ImportedResource[];
}

/** The environment of an operation. */
export interface Environment {
  readonly project: Project;
  readonly stack: string;
  readonly organization: string;
  readonly config: ReadonlyMap<string, { value: string; secret: boolean }>;
  readonly env: NodeJS.ProcessEnv;
  readonly startProcess: StartProcess;
  readonly parallel: number;
  /** How long a program may be idle before the operation fails, in milliseconds. */
  readonly deadline: number;
  /** The first interrupt: running steps may finish. */
  readonly cancel: AbortSignal;
  /** The second interrupt: everything stops immediately. */
  readonly terminate: AbortSignal;
  readonly onProviderCall: ((call: ProviderCall) => void) | undefined;
  readonly emit: (event: EngineEvent) => void;
}

/** What the parts of a running operation share. */
export interface Running {
  readonly environment: Environment;
  readonly options: OperationOptions;
  readonly context: PlanContext;
  readonly executor: Executor;
  readonly journal: Journal;
  /** Stops new work after a failure or the first interrupt. */
  readonly halt: AbortController;
  /** New states by old states, of resources that were refreshed while the program ran. */
  readonly refreshed: Map<ResourceState, ResourceState>;
  readonly stackOutputs: { urn: string; outputs: PropertyMap }[];
  readonly report: (diagnostic: Diagnostic) => void;
  /** Replaces the resources that planning starts from, after a refresh. */
  readonly rebase: (resources: ResourceState[]) => void;
}
