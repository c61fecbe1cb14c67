/** What planning knows and remembers during one update. */
import type { UrnSet } from "./interpret-diff.js";
import type { Diagnostic } from "../state/diagnostic.js";
import type { Providers } from "../host/providers.js";
import type { ResourceState } from "../state/resource-state.js";

/** An error that has already been told to the user. */
export class Bail extends Error {}

export interface PlanOptions {
  readonly dryRun: boolean;
  readonly mode: "update" | "refresh" | "destroy";
  /** Refresh each resource as the program registers it. */
  readonly refreshProgram: boolean;
  readonly targets: UrnSet | undefined;
  readonly targetDependents: boolean;
  readonly replaceTargets: UrnSet | undefined;
}

/** Which resources were dealt with, and how. */
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
  /** Old URN to new one, of resources that were found by an alias. */
  readonly aliased = new Map<string, string>();
  /** New URN to old one, of the same. */
  readonly aliases = new Map<string, string>();
  readonly pendingDeletes = new Set<ResourceState>();
  readonly dependentReplaceKeys = new Map<string, readonly string[]>();
  /** What a destroy that runs the program deletes after it. */
  readonly toDelete: ResourceState[] = [];
  errored = false;

  /** Whether the program has asked for a resource that was there, so that it stays. */
  operatedOn(urn: string): boolean {
    const name = this.aliased.get(urn) ?? urn;
    return [this.sames, this.updates, this.replaces, this.reads, this.refreshes].some((marked) => marked.has(name));
  }

  /** Whether any step was made for a resource. */
  touched(urn: string): boolean {
    return this.operatedOn(urn) || this.creates.has(urn);
  }

  /** Whether a dependent was dealt with already, so that a replacement need not look at it. */
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
  /** The state before the update, in order. */
  readonly resources: readonly ResourceState[];
  /** The same by URN, without what is to be deleted anyway. */
  readonly olds: ReadonlyMap<string, ResourceState>;
  readonly report: (diagnostic: Diagnostic) => void;
}
