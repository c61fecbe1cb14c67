/** Plans the steps for each resource that a program registers or reads, one registration at a time. */
import { randomBytes } from "node:crypto";
import { aliasUrns } from "./aliases.js";
import {
  applyReplaceOnChanges,
  componentDiff,
  forcedReplacement,
  interpretDiff,
  isReplacement,
  type Diff,
} from "./interpret-diff.js";
import { stateFor, stateForRead, type Goal, type ReadGoal, type Registered } from "../state/registration.js";
import { keepOld } from "../state/property-paths.js";
import { ReportedError, type PlanContext } from "./plan-context.js";
import type { CheckAnswer } from "../host/provider-process.js";
import { dependentReplacements } from "./dependent-replacements.js";
import { dependenciesOf, type ResourceState } from "../state/resource-state.js";
import { isManaged, type Step } from "./step-types.js";
import {
  dynamicPackage,
  idOfProvider,
  isProviderType,
  isRootStack,
  makeUrn,
  nameOf,
  packageOf,
  stackType,
  typeOf,
  urnOfProvider,
} from "../state/urn.js";
import type { PropertyMap } from "../state/property-values.js";

/** A registration before it has steps. */
export interface Pending {
  readonly goal: Goal;
  readonly urn: string;
  readonly old: ResourceState | undefined;
  readonly state: ResourceState;
  readonly done: (result: Registered) => void;
  /** Whether this operation has imported the old state. */
  readonly imported?: boolean;
}

type Check = (olds: PropertyMap, news: PropertyMap) => Promise<CheckAnswer>;

/** Plans the registrations of one update. */
export class Planner {
  readonly #context: PlanContext;
  /** The inputs of registered provider resources, by URN. */
  readonly #providerConfigs = new Map<string, PropertyMap>();

  constructor(context: PlanContext) {
    this.#context = context;
  }

  /** Finds the resource that a registration means. */
  begin(goal: Goal, done: (result: Registered) => void): Pending {
    const { marks } = this.#context;
    const urn = this.#urnFor(goal.parent, goal.type, goal.name);
    const old = this.#find(urn, goal);
    marks.registered.add(urn);
    return { goal, urn, old, state: stateFor(goal, urn, old), done };
  }

  /** The old state to refresh before the registration is planned, if the update refreshes as the program runs. */
  refreshFirst(pending: Pending): ResourceState | undefined {
    const { options } = this.#context;
    const { old } = pending;
    return old !== undefined && options.refreshProgram && this.#isIncluded(old) ? old : undefined;
  }

  /** The step that imports the resource before the registration is planned, if the program wants that. */
  importFirst({ goal, urn, old, state }: Pending): (Step & { kind: "import" }) | undefined {
    const { importId } = goal;
    if (importId === "" || this.#context.options.mode !== "update" || !this.#isIncluded(state)) return undefined;
    const isKnown = old !== undefined && !old.external;
    if (isKnown && (old.importId || old.id) === importId) return undefined;
    if (isKnown) {
      const message = `the test engine can't replace resource '${goal.name}' by an import: remove it from the state first`;
      throw new Error(message);
    }
    if (packageOf(goal.type) === dynamicPackage) {
      throw new Error(`dynamic providers can't import resource '${goal.name}': use an import file`);
    }
    return { kind: "import", urn, old, new: { ...state, id: importId }, isFromFile: false };
  }

  /** The steps for a registration. */
  async plan(pending: Pending): Promise<Step[]> {
    const { options, marks } = this.#context;
    const { goal, urn, old, state, done } = pending;
    if (options.mode === "refresh" && isManaged(state)) {
      if (old === undefined) return this.#skip(pending);
      marks.sames.add(urn);
      done({ state: old });
      return [];
    }
    if (options.mode === "destroy") {
      const steps = this.#planForDestroy(pending);
      if (steps !== undefined) return steps;
    }
    const recreating = marks.deletes.has(urn);
    const targeted = isProviderType(state.type) || isRootStack(urn) || this.#isIncluded(state);
    const isNew = old === undefined || recreating || old.external || this.#isForced(urn);
    const seed = randomBytes(32);
    const check = this.#checkOf(state, seed);
    if (check !== undefined) {
      const answer = !targeted
        ? { inputs: old?.inputs ?? {}, failures: [] }
        : isNew
          ? await check({}, goal.inputs)
          : await check(old.inputs, this.#keepOld(state, old, goal));
      state.inputs = answer.inputs;
      if (isProviderType(state.type)) this.#providerConfigs.set(urn, state.inputs);
      this.#reportFailures(state, answer);
    } else if (old !== undefined) state.inputs = this.#keepOld(state, old, goal);

    const create = { kind: "create", urn, old, new: state, done } as const;
    if (old === undefined) {
      if (!targeted) return this.#skip(pending);
      marks.creates.add(urn);
      return [{ ...create, replacing: false, pendingDelete: false, replaceKeys: [] }];
    }
    const replace: Step = { kind: "replace", urn, old, new: state, replaceKeys: [], changedKeys: undefined };
    if (recreating) {
      marks.deletes.delete(urn);
      marks.replaces.add(urn);
      const replaceKeys = marks.dependentReplaceKeys.get(urn) ?? [];
      return [replace, { ...create, replacing: true, pendingDelete: false, replaceKeys }];
    }
    if (old.external) {
      marks.creates.add(urn);
      return [{ ...create, replacing: true, pendingDelete: true, replaceKeys: [] }, replace];
    }
    if (!targeted) return this.#keep(pending, old);
    return this.#planChange(pending, old, check);
  }

  /** The steps for a read. */
  planRead(goal: ReadGoal, done: (result: Registered) => void): Step[] {
    const { marks, options } = this.#context;
    const urn = this.#urnFor(goal.parent, goal.type, goal.name);
    const old = this.#find(urn, goal);
    marks.registered.add(urn);
    const state = stateForRead(goal, urn);
    if (goal.id === "") throw new Error(`a read of ${urn} needs an id`);
    if (old !== undefined && !old.external && old.id !== goal.id) {
      marks.replaces.add(urn);
      return [
        { kind: "read", urn, old, new: state, replacing: true, done },
        { kind: "replace", urn, old, new: state, replaceKeys: [], changedKeys: undefined },
      ];
    }
    if (options.mode === "destroy") marks.toDelete.push(state);
    marks.reads.add(urn);
    return [{ kind: "read", urn, old, new: state, replacing: false, done }];
  }

  async #planChange(pending: Pending, old: ResourceState, check: Check | undefined): Promise<Step[]> {
    const { marks, options } = this.#context;
    const { goal, urn, state, done } = pending;
    const unhealthy = old.initErrors.length > 0;
    const diff = applyReplaceOnChanges(await this.#diff(pending, old), goal.replaceOnChanges, unhealthy);
    if (old.pendingReplacement || isReplacement(diff)) {
      if (state.protect && old.protect) {
        const message =
          `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
          "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
        this.#context.report({ severity: "error", message, urn });
        marks.errored = true;
        if (!options.dryRun) throw new ReportedError(message);
      }
      marks.replaces.add(urn);
      if (check !== undefined && !this.#isForced(urn)) {
        const answer = await check({}, goal.inputs);
        state.inputs = answer.inputs;
        this.#reportFailures(state, answer);
      }
      const deleteFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
      const { replaceKeys, changedKeys } = diff;
      const replace: Step = { kind: "replace", urn, old, new: state, replaceKeys, changedKeys };
      const pendingDelete = !deleteFirst;
      const create: Step = { kind: "create", urn, old, new: state, replacing: true, pendingDelete, replaceKeys, done };
      if (!deleteFirst) return [create, replace];
      const steps = await dependentReplacements(this.#context, old);
      await this.#context.providers.ensure(old.provider, this.#context.resources);
      if (!old.pendingReplacement) {
        marks.deletes.add(urn);
        steps.push({ kind: "delete", urn: old.urn, old, replacing: true, pendingReplacement: true });
      }
      return [...steps, replace, create];
    }
    if (diff.some || unhealthy) {
      marks.updates.add(urn);
      const { changedKeys } = diff;
      return [{ kind: "update", urn, old, new: state, ignoreChanges: goal.ignoreChanges, changedKeys, done }];
    }
    marks.sames.add(urn);
    return [{ kind: "same", urn, old, new: state, done, imported: pending.imported ?? false }];
  }

  async #diff(pending: Pending, old: ResourceState): Promise<Diff> {
    const { marks, providers } = this.#context;
    const { goal, urn, state } = pending;
    const trigger = JSON.stringify(state.replacementTrigger ?? null);
    if (trigger !== "null" && trigger !== JSON.stringify(old.replacementTrigger ?? null)) {
      return forcedReplacement("replacementTrigger");
    }
    if (this.#isForced(urn)) return forcedReplacement("id");
    if (state.replaceWith.some((other) => marks.replaces.has(other))) return forcedReplacement("replaceWith");
    if (state.deletedWith !== "" && marks.replaces.has(state.deletedWith)) return forcedReplacement("deletedWith");
    if (!state.custom) return componentDiff(old.inputs, state.inputs);
    if (isProviderType(state.type)) {
      return interpretDiff(await providers.diff(urn, old, state.inputs), old.inputs, state.inputs, []);
    }
    if (await this.#hasOtherProvider(old, state)) return forcedReplacement("provider");
    const answer = await providers.hostOf(state.provider).diff({ ...old, urn }, state.inputs, goal.ignoreChanges);
    return interpretDiff(answer, old.inputs, state.inputs, goal.ignoreChanges);
  }

  /** Whether another provider than before manages a resource, so that it must be replaced. */
  async #hasOtherProvider(old: ResourceState, { provider }: ResourceState): Promise<boolean> {
    if (old.provider === provider) return false;
    const { marks, resources, providers } = this.#context;
    const [before, now] = [urnOfProvider(old.provider), urnOfProvider(provider)];
    if (marks.aliased.get(before) === now) return false;
    const id = idOfProvider(old.provider);
    const state = resources.find((other) => other.urn === before && other.id === id);
    const config = this.#providerConfigs.get(now);
    return state !== undefined && config !== undefined && providers.isReplaced(state, provider, config);
  }

  #planForDestroy(pending: Pending): Step[] | undefined {
    const { marks } = this.#context;
    const { urn, old, state, done } = pending;
    if ([...dependenciesOf(state)].some((dependency) => marks.skipped.has(dependency))) return this.#skip(pending);
    if (isManaged(state)) {
      if (old === undefined) return this.#skip(pending);
      marks.sames.add(urn);
      marks.toDelete.push(state);
      state.inputs = old.inputs;
      return [{ kind: "same", urn, old, new: state, done }];
    }
    marks.toDelete.push(state);
    return undefined;
  }

  #skip({ urn, state, done }: Pending): Step[] {
    const { marks } = this.#context;
    marks.sames.add(urn);
    marks.skipped.add(urn);
    return [{ kind: "same", urn, old: undefined, new: state, skippedCreate: true, done }];
  }

  /** Steps that leave an untargeted resource and its dependencies unchanged. */
  #keep(pending: Pending, old: ResourceState): Step[] {
    const { marks, olds } = this.#context;
    const steps: Step[] = [];
    const keep = (state: ResourceState, done?: Pending["done"]): void => {
      marks.registered.add(state.urn);
      marks.sames.add(state.urn);
      for (const urn of dependenciesOf(state)) {
        const dependency = olds.get(urn);
        if (!marks.touched(urn) && dependency !== undefined) keep(dependency);
      }
      steps.push({ kind: "same", urn: state.urn, old: state, new: { ...state }, untargeted: true, done });
    };
    keep(old, pending.done);
    return steps;
  }

  #checkOf(state: ResourceState, seed: Uint8Array): Check | undefined {
    if (!state.custom) return undefined;
    if (isProviderType(state.type)) {
      return (olds, news) => this.#context.providers.check(state.urn, state.type, olds, news);
    }
    const provider = this.#context.providers.hostOf(state.provider);
    return (olds, news) => provider.check(state.urn, olds, news, seed);
  }

  /** The new inputs with the old values of what the program ignores. */
  #keepOld({ urn, inputs: news }: ResourceState, old: ResourceState, { ignoreChanges }: Goal): PropertyMap {
    const { inputs, failed } = keepOld(news, old.inputs, ignoreChanges);
    const message = `cannot ignore changes in added or removed elements of the path: "${failed.join(", ")}"`;
    if (failed.length > 0) this.#context.report({ severity: "info", message, urn });
    return inputs;
  }

  #reportFailures({ urn, type, inputs }: ResourceState, { failures }: CheckAnswer): void {
    if (failures.length === 0) return;
    for (const { property, reason } of failures) {
      const value = inputs[property];
      const shown = typeof value === "string" ? value : JSON.stringify(value ?? null);
      const where = property === "" ? "" : `: property ${property} value {${shown}}`;
      const message = `${type} resource '${nameOf(urn)}'${where} has a problem: ${reason}`;
      this.#context.report({ severity: "error", message, urn });
    }
    throw new ReportedError(`resource ${urn} is invalid`);
  }

  /** Reports an error and ends the update. */
  #fail(message: string, urn: string): never {
    this.#context.report({ severity: "error", message, urn });
    throw new ReportedError(message);
  }

  #urnFor(parent: string, type: string, name: string): string {
    const { stack, project, marks } = this.#context;
    const urn = makeUrn(stack, project, parent, type, name);
    if (marks.registered.has(urn) && typeOf(urn) !== stackType) {
      this.#fail(`Duplicate resource URN '${urn}'; try giving it a unique name`, urn);
    }
    return urn;
  }

  #find(urn: string, goal: Pick<Goal, "name" | "type" | "parent" | "aliases">): ResourceState | undefined {
    const { stack, project, marks, olds } = this.#context;
    const other = marks.aliased.get(urn);
    if (other !== undefined) {
      this.#fail(`Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${other}'`, urn);
    }
    const identity = { stack, project, name: goal.name, type: goal.type, parent: goal.parent };
    for (const candidate of [urn, ...aliasUrns(identity, goal.aliases, marks.aliases)]) {
      const old = olds.get(candidate);
      if (old === undefined) continue;
      if (candidate !== urn) {
        const claimed = marks.aliased.get(candidate);
        if (marks.registered.has(candidate) || claimed !== undefined) {
          const conflict = `conflicting with resource with URN '${claimed ?? candidate}'`;
          this.#fail(`Duplicate resource alias '${candidate}' applied to resource with URN '${urn}' ${conflict}`, urn);
        }
        marks.aliased.set(candidate, urn);
        marks.aliases.set(urn, candidate);
      }
      return old;
    }
    return undefined;
  }

  #isForced(urn: string): boolean {
    return this.#context.options.replaceTargets?.has(urn) === true && this.#context.olds.has(urn);
  }

  #isIncluded(state: ResourceState): boolean {
    const { targets, targetDependents } = this.#context.options;
    if (targets === undefined) return true;
    if (targets.has(state.urn)) return true;
    if (!targetDependents) return false;
    const reached = [...dependenciesOf(state)].some(
      (urn) => targets.has(urn) && !(state.provider !== "" && urn === urnOfProvider(state.provider)),
    );
    if (reached) targets.add(state.urn);
    return reached;
  }
}
