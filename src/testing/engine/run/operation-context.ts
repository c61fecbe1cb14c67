/** What the parts of a running operation share. */
import type { EngineEvent } from "./engine-events.js";
import type { Diagnostic } from "../state/diagnostic.js";
import type { Executor } from "./step-executor.js";
import type { ImportedResource } from "../state/import-file.js";
import type { Journal } from "./state-journal.js";
import type { PlanContext } from "../plan/plan-context.js";
import type { Project } from "../host/project-file.js";
import type { ResourceState } from "../state/resource-state.js";
import type { ProviderCall } from "../host/provider-call.js";
import type { PropertyMap } from "../state/property-values.js";

/** What an operation is told to do. */
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

/** In what an operation runs. */
export interface Environment {
  readonly project: Project;
  readonly stack: string;
  readonly organization: string;
  readonly config: ReadonlyMap<string, { value: string; secret: boolean }>;
  readonly env: NodeJS.ProcessEnv;
  readonly parallel: number;
  /** How long a program may do nothing before it counts as hung, in milliseconds. */
  readonly deadline: number;
  /** The first interrupt: what runs may end. */
  readonly cancel: AbortSignal;
  /** The second interrupt: everything ends now. */
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
  /** Stops new work, after a failure or the first interrupt. */
  readonly halt: AbortController;
  /** Old states that were refreshed while the program ran. */
  readonly refreshed: Map<ResourceState, ResourceState>;
  readonly stackOutputs: { urn: string; outputs: PropertyMap }[];
  readonly report: (diagnostic: Diagnostic) => void;
  /** Plans from now on from another base, after a refresh. */
  readonly rebase: (resources: ResourceState[]) => void;
}
