/** Executes chains of steps, several at the same time, and starts no more after a failure. */
import { apply, type ApplyContext } from "./apply-step.js";
import { viewOf, type EngineEvent } from "./engine-events.js";
import type { Journal } from "./state-journal.js";
import type { ResourceState } from "../state/resource-state.js";
import { isInternal, isLogical, newOf, opOf, resultOp, type Step } from "../plan/step-types.js";

export interface ExecutorOptions {
  readonly parallel: number;
  readonly apply: ApplyContext;
  readonly journal: Journal;
  /** Aborted by the user or a failure: running steps may finish, no new ones start. */
  readonly canceled: AbortSignal;
  /** Aborted by the second interrupt: results are ignored. */
  readonly terminated: AbortSignal;
  /** Whether the update is a refresh, which counts what it found. */
  readonly isRefresh: boolean;
  readonly emit: (event: EngineEvent) => void;
  /** Called after a failure. */
  readonly onFailure: () => void;
}

/** Executes steps. */
export class Executor {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #chains = new Set<Promise<void>>();
  /** Registered resources that may still register outputs. */
  readonly pendingOutputs = new Map<string, Step>();
  errored = false;

  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Starts a chain of steps, which run in order. With `carryOn`, a failure does not stop other chains. */
  start(chain: readonly Step[], carryOn = false): Promise<void> {
    const done = this.#runChain(chain, carryOn);
    this.#chains.add(done);
    void done.finally(() => this.#chains.delete(done));
    return done;
  }

  /** Waits until no chain runs. */
  async settle(): Promise<void> {
    while (this.#chains.size > 0) await Promise.all(this.#chains);
  }

  async #runChain(chain: readonly Step[], carryOn: boolean): Promise<void> {
    await this.#waitForSlot();
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

  async #waitForSlot(): Promise<void> {
    if (this.#running >= this.#options.parallel) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
  }

  async #execute(step: Step): Promise<boolean> {
    const { emit, journal, terminated } = this.#options;
    emit({ type: "started", step, view: viewOf(step) });
    journal.start(step);
    let failure: unknown;
    let partial = false;
    try {
      failure = await apply(step, this.#options.apply);
      partial = failure !== undefined;
    } catch (error) {
      failure = error ?? new Error("unknown failure");
    }
    // After the second interrupt the operation stays pending, because its result is unknown.
    if (terminated.aborted) return false;
    if (failure === undefined && isLogical(step) && newOf(step) !== undefined) this.pendingOutputs.set(step.urn, step);
    if (failure === undefined) this.#emitFinished(step);
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

  #emitFinished(step: Step): void {
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
