/** The state while an update runs: what was there, what steps have made of it, what is under way. */
import type { Step } from "../plan/step-types.js";
import { prune, type PendingOperation, type ResourceState, type Snapshot } from "../state/resource-state.js";

/** Keeps the snapshot of a running update, so that it is right at any moment. */
export class Journal {
  #fresh: ResourceState[] = [];
  readonly #retired = new Set<ResourceState>();
  readonly #begun = new Map<Step, PendingOperation>();

  #base: ResourceState[];
  #pendingBefore: readonly PendingOperation[];

  constructor(base: ResourceState[], pendingBefore: readonly PendingOperation[]) {
    this.#base = base;
    this.#pendingBefore = pendingBefore;
  }

  /** A step is about to start. */
  begin(step: Step): void {
    const operation = operationOf(step);
    if (operation !== undefined) this.#begun.set(step, operation);
  }

  /** A step has ended; it leaves its mark only if it was successful, or in part. */
  end(step: Step, successful: boolean): void {
    this.#begun.delete(step);
    if (!successful) return;
    switch (step.kind) {
      case "same":
        if (step.skippedCreate === true) return;
        this.#supersede(step.old, step.new);
        return;
      case "create":
        // With delete-first, the old one stayed as "pending replacement" and ends now; with create-first it is deleted later.
        if (step.old?.pendingReplacement === true) this.#retired.add(step.old);
        this.#fresh.push(step.new);
        return;
      case "update":
      case "import":
        this.#supersede(step.old, step.new);
        return;
      case "read":
        if (!step.replacing) this.#supersede(step.old, step.new);
        else this.#fresh.push(step.new);
        return;
      case "delete":
        if (!step.old.pendingReplacement) this.#retire(step.old);
        return;
      case "remove-pending-replace":
        this.#retire(step.old);
        return;
      case "refresh":
        if (step.finished === undefined) return;
        this.#retired.add(step.old);
        if (step.new !== undefined) this.#base.splice(this.#base.indexOf(step.old), 0, step.new);
        return;
      case "replace":
        return;
    }
  }

  /** Puts what a refresh has found in the place of what was there before. */
  rebase(resources: ResourceState[]): void {
    this.#base = resources;
  }

  /** Forgets creations that an earlier, interrupted update has begun. */
  clearPendingCreates(): void {
    this.#pendingBefore = [];
  }

  /** Whether an earlier update was cut off in the middle of something. */
  hasPending(): boolean {
    return this.#pendingBefore.length > 0;
  }

  /** What to tell the user about that. */
  pendingWarning(): string {
    const operations = this.#pendingBefore.map(
      ({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}`,
    );
    return [
      `Attempting to deploy or update resources with ${operations.length} pending operations from previous deployment.`,
      ...operations,
      "What has become of them is not known: look at the provider's side, then run `pulumi refresh` to bring the state " +
        "up to date (`--clear-pending-creates` forgets creations).",
    ].join("\n");
  }

  /** The state as it is now. */
  snapshot(): Snapshot {
    const kept = this.#base.filter((state) => !this.#retired.has(state));
    const resources = [...this.#fresh, ...kept];
    const parents = new Map([...this.#base, ...this.#fresh].map((state) => [state.urn, state.parent]));
    prune(resources, parents);
    return {
      resources,
      pending: [...this.#begun.values(), ...this.#pendingBefore.filter((operation) => operation.type === "creating")],
    };
  }

  #supersede(old: ResourceState | undefined, state: ResourceState): void {
    if (old !== undefined) this.#retire(old);
    this.#fresh.push(state);
  }

  #retire(state: ResourceState): void {
    this.#retired.add(state);
    this.#fresh = this.#fresh.filter((other) => other !== state);
  }
}

function operationOf(step: Step): PendingOperation | undefined {
  switch (step.kind) {
    case "create":
      return { resource: step.new, type: "creating" };
    case "update":
      return { resource: step.old, type: "updating" };
    case "delete":
      return { resource: step.old, type: "deleting" };
    case "read":
      return { resource: step.new, type: "reading" };
    case "import":
      return { resource: step.new, type: "importing" };
    case "same":
    case "replace":
    case "refresh":
    case "remove-pending-replace":
      return undefined;
  }
}
