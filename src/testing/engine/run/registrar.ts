/** Plans and executes what the program registers, and answers when it is done. */
import { withContentHashes } from "../state/asset-hashes.js";
import type { Running } from "./operation-context.js";
import type { Severity } from "../state/diagnostic.js";
import { newGoal, type Goal, type ReadGoal, type Registered } from "../state/registration.js";
import type { Declared, Invocation, MonitorHandler, PluginSource } from "../host/resource-monitor.js";
import type { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { ReportedError } from "../plan/plan-context.js";
import { Planner, type Pending } from "../plan/planner.js";
import { providerCommand } from "../host/provider-command.js";
import { internalKey, referenceTo } from "../host/providers.js";
import type { ResourceState } from "../state/resource-state.js";
import type { Step } from "../plan/step-types.js";
import { dynamicPackage, isDefaultProvider, isRootStack, makeUrn, packageOf } from "../state/urn.js";
import { Secret, type PropertyMap } from "../state/property-values.js";
import { viewOf } from "./engine-events.js";

/** Serves one program. */
export class Registrar implements MonitorHandler {
  readonly #planner: Planner;
  readonly #goals = new Map<string, Goal>();
  #planning: Promise<unknown> = Promise.resolve();
  #busy = 0;
  /** References of default providers, by name. */
  readonly #providers = new Map<string, Promise<string>>();
  readonly #declared = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  /** The error that ended planning. */
  failure: unknown;
  /** When the program last called the engine. */
  lastActivity = Date.now();

  readonly #running: Running;

  constructor(running: Running) {
    this.#running = running;
    this.#planner = new Planner(running.context);
  }

  /** Resolves once the program has declared everything. */
  get allDeclared(): Promise<void> {
    return this.#declared.promise;
  }

  /** Whether any call of the program is running. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  /** Lets the program end. */
  release(): void {
    this.#over.resolve();
  }

  /** Waits until no registration is being planned. */
  async settle(): Promise<void> {
    await this.#planning;
  }

  finished(): Promise<void> {
    this.#declared.resolve();
    return this.#over.promise;
  }

  goalOfUrn(urn: string): Goal | undefined {
    return this.#goals.get(urn);
  }

  log(severity: Severity, message: string, urn: string, ephemeral: boolean): void {
    this.lastActivity = Date.now();
    const diagnostic = { severity, message, ...(urn === "" ? {} : { urn }) };
    this.#running.environment.emit({ type: "diagnostic", diagnostic, ephemeral });
  }

  defaultProvider({ type, name, parent, plugin }: Declared): Promise<string> {
    const packageName = packageOf(type);
    if (isDefaultProviderDisabled(this.#running.environment.config, packageName)) {
      const { stack, project } = this.#running.context;
      const urn = makeUrn(stack, project, parent, type, name);
      const message = `Default provider for '${packageName}' disabled. '${urn}' must use an explicit provider.`;
      return this.#exclusively(() => Promise.reject(new Error(message)));
    }
    return this.#defaultProvider(packageName, plugin);
  }

  /** The provider for imported resources: the one in the state, or a new one. */
  async providerForImport(type: string): Promise<string> {
    const { context } = this.#running;
    const packageName = packageOf(type);
    const isWanted = (state: ResourceState) =>
      state.type === `pulumi:providers:${packageName}` && isDefaultProvider(state.urn);
    const known = [...context.olds.values()].find(isWanted);
    if (known === undefined) return this.#defaultProvider(packageName);
    await context.providers.ensure(referenceTo(known), context.resources);
    return referenceTo(known);
  }

  async answer<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // A program would go on with this error, but is ended instead.
      if (this.#running.halt.signal.aborted) await this.#over.promise;
      throw error;
    }
  }

  register(declared: Goal): Promise<Registered & { urn: string }> {
    return this.#whileBusy(async () => {
      const { programDirectory } = this.#running.environment.project;
      const goal = { ...declared, inputs: withContentHashes(declared.inputs, programDirectory) };
      const result = newResult();
      const pending = await this.#exclusively(() => {
        const begun = this.#planner.begin(goal, result.resolve);
        this.#goals.set(begun.urn, goal);
        return Promise.resolve(begun);
      });
      const found = await this.#import(await this.#refresh(pending));
      await this.#exclusively(async () => this.#start(await this.#planner.plan(found), result.reject));
      return { ...(await result.promise), urn: pending.urn };
    });
  }

  read(goal: ReadGoal): Promise<Registered & { urn: string }> {
    return this.#whileBusy(async () => {
      const result = newResult();
      await this.#exclusively(() => {
        this.#start(this.#planner.planRead(goal, result.resolve), result.reject);
        return Promise.resolve();
      });
      const done = await result.promise;
      return { ...done, urn: done.state.urn };
    });
  }

  invoke({ token, args, provider }: Invocation): Promise<InvokeResponse> {
    const { context, options } = this.#running;
    return this.#whileBusy(() => context.providers.hostOf(provider).invoke(token, args, options.dryRun));
  }

  registerOutputs(urn: string, outputs: PropertyMap): void {
    this.lastActivity = Date.now();
    const { executor, environment, stackOutputs } = this.#running;
    if (isRootStack(urn)) {
      stackOutputs.push({ urn, outputs });
      return;
    }
    const step = executor.pendingOutputs.get(urn);
    if (step === undefined || !("new" in step) || step.new === undefined) {
      throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
    }
    executor.pendingOutputs.delete(urn);
    step.new.outputs = outputs;
    environment.emit({ type: "outputs", step, view: viewOf(step) });
  }

  /** Refreshes a resource before it is planned, if the update refreshes as the program runs. */
  async #refresh(pending: Pending): Promise<Pending> {
    const old = this.#planner.refreshFirst(pending);
    if (old === undefined) return pending;
    const { context, executor, refreshed } = this.#running;
    context.marks.refreshes.add(pending.urn);
    const found = Promise.withResolvers<ResourceState | undefined>();
    const step: Step = {
      kind: "refresh",
      urn: pending.urn,
      old,
      new: { ...old },
      changed: false,
      finished: found.resolve,
    };
    void executor.start([step]).then(() => found.resolve(step.new));
    const state = await found.promise;
    if (state !== undefined) refreshed.set(old, state);
    return { ...pending, old: state };
  }

  /** Imports a resource before it is planned, if the program wants that. */
  async #import(pending: Pending): Promise<Pending> {
    const step = await this.#exclusively(() => Promise.resolve(this.#planner.importFirst(pending)));
    if (step === undefined) return pending;
    const imported = Promise.withResolvers<ResourceState>();
    this.#start([{ ...step, done: ({ state }) => imported.resolve(state) }], imported.reject);
    return { ...pending, old: await imported.promise, imported: true };
  }

  #start(chain: Step[], abandon: (error: Error) => void): void {
    if (chain.length === 0) return;
    void this.#running.executor.start(chain).then(() => {
      // Has no effect if the step has already answered.
      abandon(new ReportedError("the update has ended"));
    });
  }

  #defaultProvider(packageName: string, plugin: PluginSource = anyPlugin): Promise<string> {
    const name = defaultName(plugin);
    const key = `${packageName} ${name}`;
    const known = this.#providers.get(key) ?? this.#registerDefaultProvider(packageName, name, plugin);
    this.#providers.set(key, known);
    return known;
  }

  async #registerDefaultProvider(packageName: string, name: string, { version, url }: PluginSource): Promise<string> {
    const { config, project } = this.#running.environment;
    // Fails before anything is registered.
    if (packageName !== dynamicPackage) providerCommand(project, packageName);
    const inputs: PropertyMap = {};
    for (const [key, { value, secret }] of config) {
      const name = key.startsWith(`${packageName}:`) ? key.slice(packageName.length + 1) : undefined;
      // Dynamic providers see the whole configuration.
      const known = packageName === dynamicPackage ? key : name;
      if (known !== undefined) inputs[known] = secret ? new Secret(value) : value;
    }
    if (version !== "") Object.assign(inputs, { version, [internalKey]: url === "" ? {} : { pluginDownloadURL: url } });
    const { state } = await this.register(newGoal({ type: `pulumi:providers:${packageName}`, name, inputs }));
    return referenceTo(state);
  }

  async #whileBusy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    this.lastActivity = Date.now();
    try {
      return await work();
    } finally {
      this.#busy--;
      this.lastActivity = Date.now();
    }
  }

  /** Plans one registration at a time, because each plan depends on the previous ones. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#planning.then(async () => {
      if (this.#running.halt.signal.aborted) throw new ReportedError("the update has ended");
      try {
        return await work();
      } catch (error) {
        this.#fail(error);
        throw error;
      }
    });
    this.#planning = turn.catch(() => undefined);
    return turn;
  }

  #fail(error: unknown): void {
    this.failure ??= error;
    if (!(error instanceof ReportedError)) {
      const message = error instanceof Error ? error.message : String(error);
      this.#running.report({ severity: "error", message });
    }
    this.#running.context.marks.errored = true;
    this.#running.halt.abort();
  }
}

const anyPlugin: PluginSource = { version: "", url: "" };

/** The name of the default provider for a version of a plugin. */
function defaultName({ version, url }: PluginSource): string {
  const parts = version === "" ? [] : version.split(/[.+-]/);
  const place = url.split("/").filter((part) => part !== "");
  if (place.length > 0) parts.push(place.map((part) => part.replaceAll(/[^\w.-]/g, "_")).join("/"));
  return ["default", ...parts].join("_");
}

/** Whether config requires explicit providers for a package. */
function isDefaultProviderDisabled(config: Running["environment"]["config"], packageName: string): boolean {
  const { value = "[]" } = config.get("pulumi:disable-default-providers") ?? {};
  const packages: unknown = JSON.parse(value);
  return Array.isArray(packages) && packages.some((name) => name === "*" || name === packageName);
}

/** The result of a registration. Its rejection is ignored if planning already failed. */
function newResult(): PromiseWithResolvers<Registered> {
  const result = Promise.withResolvers<Registered>();
  result.promise.catch(() => undefined);
  return result;
}
