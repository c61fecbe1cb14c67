/** Runs chains of steps, several at a time, and stops starting new ones once something has failed. */
import { apply, type ApplyContext } from "./apply-step.js";
import type { EngineEvent, StateView, StepView } from "./engine-events.js";
import type { Journal } from "./state-journal.js";
import { nameOf } from "../state/urn.js";
import type { ResourceState } from "../state/resource-state.js";
import { isInternal, isLogical, newOf, opOf, resultOp, type Op, type Step } from "../plan/step-types.js";

export interface ExecutorOptions {
  readonly parallel: number;
  readonly apply: ApplyContext;
  readonly journal: Journal;
  /** Aborted by the user or by a failure: what runs may end, nothing new starts. */
  readonly canceled: AbortSignal;
  /** Aborted by the second interrupt: nobody listens any more. */
  readonly terminated: AbortSignal;
  /** Whether the update is a refresh, which is counted by what it found. */
  readonly isRefresh: boolean;
  readonly emit: (event: EngineEvent) => void;
  /** Something failed. */
  readonly onFailure: () => void;
}

/** Executes steps. */
export class Executor {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #chains = new Set<Promise<void>>();
  /** Registered resources whose outputs may still come. */
  readonly pendingOutputs = new Map<string, Step>();
  errored = false;

  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Starts a chain; its steps run one after the other. With `carryOn`, a failure does not stop others. */
  start(chain: readonly Step[], carryOn = false): Promise<void> {
    const done = this.#runChain(chain, carryOn);
    this.#chains.add(done);
    void done.finally(() => this.#chains.delete(done));
    return done;
  }

  /** Waits until nothing runs. */
  async settle(): Promise<void> {
    while (this.#chains.size > 0) await Promise.all(this.#chains);
  }

  async #runChain(chain: readonly Step[], carryOn: boolean): Promise<void> {
    await this.#slot();
    try {
      for (const step of chain) {
        if (this.#options.canceled.aborted) return;
        if (await this.#execute(step)) continue;
        this.errored = true;
        if (!carryOn) this.#options.onFailure();
        return;
      }
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #slot(): Promise<void> {
    if (this.#running >= this.#options.parallel) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }

  async #execute(step: Step): Promise<boolean> {
    const { emit, journal, terminated } = this.#options;
    emit({ type: "started", step, view: viewOf(step) });
    journal.begin(step);
    let failure: unknown;
    let partial = false;
    try {
      failure = await apply(step, this.#options.apply);
      partial = failure !== undefined;
    } catch (error) {
      failure = error ?? new Error("unknown failure");
    }
    // After the second interrupt the operation stays pending: what has become of it nobody knows.
    if (terminated.aborted) return false;
    if (failure === undefined && isLogical(step) && newOf(step) !== undefined) this.pendingOutputs.set(step.urn, step);
    if (failure === undefined) this.#succeeded(step);
    else {
      const message = failure instanceof Error ? failure.message : JSON.stringify(failure);
      emit({ type: "diagnostic", diagnostic: { severity: "error", message, urn: step.urn } });
      emit({ type: "failed", step });
    }
    journal.end(step, failure === undefined || partial);
    if (failure !== undefined) {
      if (step.kind === "refresh") step.finished?.(step.old);
      return false;
    }
    if (step.kind === "refresh") step.finished?.(step.new);
    const state = newOf(step);
    if (state !== undefined) step.done?.({ state, skipped: step.kind === "same" && step.skippedCreate === true });
    return true;
  }

  #succeeded(step: Step): void {
    const { emit, isRefresh } = this.#options;
    let op = opOf(step);
    let counted = isLogical(step);
    if (isRefresh && step.kind === "refresh") {
      op = resultOp(step);
      counted = true;
    }
    if (step.kind === "read") counted = step.old !== undefined && changedOutputs(step.old, step.new);
    emit({ type: "finished", step, op, counted: counted && !isInternal(step), view: viewOf(step, op) });
  }
}

function changedOutputs(old: ResourceState, state: ResourceState): boolean {
  return JSON.stringify(old.outputs ?? {}) !== JSON.stringify(state.outputs ?? {});
}

/** A step as it looks now. */
export function viewOf(step: Step, op: Op = opOf(step)): StepView {
  return {
    op,
    urn: step.urn,
    type: step.old?.type ?? newOf(step)?.type ?? nameOf(step.urn),
    old: stateView(step.old),
    new: stateView(newOf(step)),
    changedKeys: "changedKeys" in step ? step.changedKeys : undefined,
    logical: isLogical(step),
  };
}

function stateView(state: ResourceState | undefined): StateView | undefined {
  if (state === undefined) return undefined;
  const { id, parent, provider, protect, retainOnDelete, inputs, outputs, initErrors } = state;
  return { id, parent, provider, protect, retainOnDelete, inputs, outputs, initErrors };
}
