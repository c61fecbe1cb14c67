/** What planning knows and records during one update. */
import type { UrnSet } from "./targets.js";
import type { Diagnostic } from "../state/diagnostic.js";
import type { Providers } from "../host/providers.js";
import type { ResourceState } from "../state/resource-state.js";

/** Ends an update after its error was reported to the user. */
export class ReportedError extends Error {}

export interface PlanOptions {
  readonly dryRun: boolean;
  readonly mode: "update" | "refresh" | "destroy";
  /** Refresh each resource when the program registers it. */
  readonly refreshProgram: boolean;
  readonly targets: UrnSet | undefined;
  readonly targetDependents: boolean;
  readonly replaceTargets: UrnSet | undefined;
}

/** Records which resources were planned, and how. */
export class Marks {
  readonly registered = new Set<string>();
  readonly sames = new Set<string>();
  readonly creates = new Set<string>();
  readonly updates = new Set<string>();
  readonly replaces = new Set<string>();
  readonly deletes = new Set<string>();
  readonly reads = new Set<string>();
  readonly refreshes = new Set<string>();
  readonly skipped = new Set<string>();
  /** Old URN to new URN of resources that were found by an alias. */
  readonly aliased = new Map<string, string>();
  /** New URN to old URN of the same resources. */
  readonly aliases = new Map<string, string>();
  readonly pendingDeletes = new Set<ResourceState>();
  readonly dependentReplaceKeys = new Map<string, readonly string[]>();
  /** Resources that a destroy with the program deletes afterwards. */
  readonly toDelete: ResourceState[] = [];
  errored = false;

  /** Whether the program registered an existing resource, so that it stays. */
  operatedOn(urn: string): boolean {
    const name = this.aliased.get(urn) ?? urn;
    return [this.sames, this.updates, this.replaces, this.reads, this.refreshes].some((marked) => marked.has(name));
  }

  /** Whether a resource has a step. */
  touched(urn: string): boolean {
    return this.operatedOn(urn) || this.creates.has(urn);
  }

  /** Whether a dependent was already planned, so that a replacement can ignore it. */
  settled(urn: string): boolean {
    return [this.reads, this.creates, this.sames, this.updates, this.deletes, this.replaces].some((marked) =>
      marked.has(urn),
    );
  }
}

export interface PlanContext {
  readonly stack: string;
  readonly project: string;
  readonly options: PlanOptions;
  readonly providers: Providers;
  readonly marks: Marks;
  /** The resources before the update, in state order. */
  readonly resources: readonly ResourceState[];
  /** The same by URN, without those that are pending deletion. */
  readonly olds: ReadonlyMap<string, ResourceState>;
  readonly report: (diagnostic: Diagnostic) => void;
}
