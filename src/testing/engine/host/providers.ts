/** The provider processes of an update: started on first use, configured once, stopped together. */
import { randomUUID } from "node:crypto";
import { changedInputs } from "../state/property-diff.js";
import { unknownMarker, type PropertyMap } from "../state/property-values.js";
import type { ResourceState } from "../state/resource-state.js";
import { idOfProvider, packageOfProvider, urnOfProvider } from "../state/urn.js";
import type { CheckAnswer, DiffAnswer, ProviderHost } from "./provider-process.js";

/** Starts and greets the provider of a package. */
export type StartProvider = (packageName: string) => Promise<ProviderHost>;

/** Maps each provider resource to its process. */
export class Providers {
  readonly #startHost: StartProvider;
  readonly #dryRun: boolean;
  readonly #hosts = new Set<ProviderHost>();
  /** Configured processes, by provider reference (`URN::ID`). */
  readonly #configured = new Map<string, ProviderHost>();
  /** Processes whose configuration was checked but not yet sent, by URN. */
  readonly #checked = new Map<string, ProviderHost>();
  readonly #configuring = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(startHost: StartProvider, dryRun: boolean) {
    this.#startHost = startHost;
    this.#dryRun = dryRun;
  }

  /** The process behind a provider reference. */
  hostOf(reference: string): ProviderHost {
    const host = this.#configured.get(reference);
    if (host === undefined) throw new Error(`unknown provider '${reference}'`);
    return host;
  }

  /** Checks the configuration of a provider resource, which starts its process. */
  async check(urn: string, type: string, olds: PropertyMap, news: PropertyMap): Promise<CheckAnswer> {
    const host = await this.#start(type);
    this.#checked.set(urn, host);
    const answer = await host.checkConfig(urn, providerConfig(olds), providerConfig(news));
    const { [internalKey]: internal } = news;
    return internal === undefined ? answer : { ...answer, inputs: { ...answer.inputs, [internalKey]: internal } };
  }

  /** Compares the configuration of a provider resource. If it replaces the provider, the process ends. */
  async diff(urn: string, old: ResourceState, news: PropertyMap): Promise<DiffAnswer> {
    const checked = this.#checked.get(urn);
    const answer = await diffConfig(checked ?? this.hostOf(referenceTo(old)), urn, old, news);
    if (answer.replaces.length > 0 && checked !== undefined) {
      this.#checked.delete(urn);
      await this.#close(checked);
    }
    if (answer.changes !== "unknown") return answer;
    return { ...answer, changes: changedInputs(old.inputs, news).length > 0 ? "some" : "none" };
  }

  /** Whether resources can't move from one provider to another, according to the new one. */
  async isReplaced(old: ResourceState, reference: string, config: PropertyMap): Promise<boolean> {
    const host = this.hostOf(reference);
    return (await diffConfig(host, urnOfProvider(reference), old, config)).replaces.length > 0;
  }

  /** Creates a provider resource and configures its process. */
  async create(state: ResourceState): Promise<string> {
    const id = this.#dryRun ? unknownMarker : randomUUID();
    await this.#configure({ ...state, id });
    return id;
  }

  /** Keeps a provider resource with the inputs that the state has. */
  async same(state: ResourceState, inputs: PropertyMap): Promise<void> {
    if (!this.#configured.has(referenceTo(state))) await this.#configure({ ...state, inputs });
  }

  /** Sends a changed configuration to the process of a provider resource. */
  async update(state: ResourceState): Promise<void> {
    await this.#configure(state);
  }

  /** Starts the provider of an old resource if necessary, with the configuration that the state has. */
  async ensure(reference: string, resources: readonly ResourceState[]): Promise<void> {
    if (reference === "" || this.#configured.has(reference)) return;
    // Several resources may need it at the same time.
    const configuring = this.#configuring.get(reference) ?? this.#load(reference, resources);
    this.#configuring.set(reference, configuring);
    await configuring;
  }

  /** Asks all processes to cancel their work. */
  async cancel(): Promise<void> {
    await Promise.all([...this.#hosts].map((host) => host.cancel()));
  }

  /** Stops all processes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#hosts].map((host) => host.stop()));
  }

  async #load(reference: string, resources: readonly ResourceState[]): Promise<void> {
    const urn = urnOfProvider(reference);
    const state = resources.find((other) => other.urn === urn && other.id === idOfProvider(reference));
    if (state === undefined) throw new Error(`could not load provider '${reference}': it is not in the state`);
    await this.#configure(state);
  }

  async #configure(state: ResourceState): Promise<void> {
    const { urn, type, id, inputs } = state;
    const host = this.#checked.get(urn) ?? (await this.#start(type));
    this.#checked.delete(urn);
    const reference = referenceTo(state);
    const before = this.#configured.get(reference);
    if (before !== undefined) await this.#close(before);
    await host.configure(urn, id, providerConfig(inputs));
    this.#configured.set(reference, host);
  }

  async #start(type: string): Promise<ProviderHost> {
    const host = await this.#startHost(packageOfProvider(type));
    this.#hosts.add(host);
    if (this.#stopped) await host.stop();
    return host;
  }

  async #close(host: ProviderHost): Promise<void> {
    this.#hosts.delete(host);
    await host.cancel();
    await host.stop();
  }
}

function diffConfig(host: ProviderHost, urn: string, old: ResourceState, news: PropertyMap): Promise<DiffAnswer> {
  const known = { urn, inputs: providerConfig(old.inputs), outputs: old.outputs };
  return host.diffConfig(known, providerConfig(news));
}

/** The inputs of a provider resource that the engine keeps to itself. */
export const internalKey = "__internal";

/** The inputs of a provider resource that its process receives. */
export function providerConfig({ [internalKey]: _, ...config }: PropertyMap): PropertyMap {
  return config;
}

/** The reference (`URN::ID`) that resources have to their provider. */
export function referenceTo({ urn, id }: Pick<ResourceState, "urn" | "id">): string {
  return `${urn}::${id === "" ? unknownMarker : id}`;
}
