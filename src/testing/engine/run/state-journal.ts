/** Records the state while an update runs. */
import type { Step } from "../plan/step-types.js";
import { prune, type PendingOperation, type ResourceState, type Snapshot } from "../state/resource-state.js";

/** Maintains the snapshot of a running update, so that it is correct at any time. */
export class Journal {
  #created: ResourceState[] = [];
  readonly #removed = new Set<ResourceState>();
  readonly #running = new Map<Step, PendingOperation>();

  #base: ResourceState[];
  #interrupted: readonly PendingOperation[];

  constructor(base: ResourceState[], interrupted: readonly PendingOperation[]) {
    this.#base = base;
    this.#interrupted = interrupted;
  }

  /** Records that a step starts. */
  start(step: Step): void {
    const operation = operationOf(step);
    if (operation !== undefined) this.#running.set(step, operation);
  }

  /** Records that a step ended. Only a successful or partially failed step changes the state. */
  end(step: Step, successful: boolean): void {
    this.#running.delete(step);
    if (!successful) return;
    switch (step.kind) {
      case "same":
        if (step.skippedCreate === true) return;
        this.#replace(step.old, step.new);
        return;
      case "create":
        // If the old resource was deleted first, it stays as "pending replacement" until now.
        if (step.old?.pendingReplacement === true) this.#removed.add(step.old);
        this.#created.push(step.new);
        return;
      case "update":
      case "import":
        this.#replace(step.old, step.new);
        return;
      case "read":
        if (!step.replacing) this.#replace(step.old, step.new);
        else this.#created.push(step.new);
        return;
      case "delete":
        if (!step.old.pendingReplacement) this.#remove(step.old);
        return;
      case "remove-pending-replace":
        this.#remove(step.old);
        return;
      case "refresh":
        if (step.finished === undefined) return;
        this.#removed.add(step.old);
        if (step.new !== undefined) this.#base.splice(this.#base.indexOf(step.old), 0, step.new);
        return;
      case "replace":
        return;
    }
  }

  /** Replaces the resources by what a refresh found. */
  rebase(resources: ResourceState[]): void {
    this.#base = resources;
  }

  /** Removes the pending creates of an earlier, interrupted update. */
  clearPendingCreates(): void {
    this.#interrupted = [];
  }

  /** Whether an earlier update was interrupted during an operation. */
  hasPending(): boolean {
    return this.#interrupted.length > 0;
  }

  /** The warning about interrupted operations. */
  pendingWarning(): string {
    const operations = this.#interrupted.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}`);
    return [
      `Attempting to deploy or update resources with ${operations.length} pending operations from previous deployment.`,
      ...operations,
      "Their result is unknown. Check the resources at the provider, then run `pulumi refresh` to update the state. " +
        "`--clear-pending-creates` removes pending creates from the state.",
    ].join("\n");
  }

  /** The current state. */
  snapshot(): Snapshot {
    const remaining = this.#base.filter((state) => !this.#removed.has(state));
    const resources = [...this.#created, ...remaining];
    const parents = new Map([...this.#base, ...this.#created].map((state) => [state.urn, state.parent]));
    prune(resources, parents);
    return {
      resources,
      pending: [...this.#running.values(), ...this.#interrupted.filter((operation) => operation.type === "creating")],
    };
  }

  #replace(old: ResourceState | undefined, state: ResourceState): void {
    if (old !== undefined) this.#remove(old);
    this.#created.push(state);
  }

  #remove(state: ResourceState): void {
    this.#removed.add(state);
    this.#created = this.#created.filter((other) => other !== state);
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
