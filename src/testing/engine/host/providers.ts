/** The provider processes of an update: started on first use, configured once, stopped together. */
import { randomUUID } from "node:crypto";
import { changedInputs } from "../state/property-diff.js";
import { mapWithoutSecrets, unknownMarker, type PropertyMap } from "../state/property-values.js";
import type { ResourceState } from "../state/resource-state.js";
import { dynamicPackage, idOfProvider, isProviderType, packageOf, urnOfProvider } from "../state/urn.js";
import type { CheckAnswer, DiffAnswer, ProviderHost } from "./provider-process.js";

/** Maps each provider resource to its process. */
export class Providers {
  readonly #startHost: () => Promise<ProviderHost>;
  readonly #dryRun: boolean;
  readonly #hosts: ProviderHost[] = [];
  readonly #configured = new Map<string, ProviderHost>();
  /** Processes whose configuration was checked but not yet sent. */
  readonly #checked = new Map<string, ProviderHost>();
  readonly #configuring = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(startHost: () => Promise<ProviderHost>, dryRun: boolean) {
    this.#startHost = startHost;
    this.#dryRun = dryRun;
  }

  /** The process behind a provider reference (`URN::ID`). */
  hostOf(reference: string): ProviderHost {
    const host = this.#configured.get(urnOfProvider(reference));
    if (host === undefined) throw new Error(`unknown provider '${reference}'`);
    return host;
  }

  /** Checks the configuration of a provider resource, which starts its process. */
  async check(urn: string, type: string, olds: PropertyMap, news: PropertyMap): Promise<CheckAnswer> {
    requireDynamic(type);
    const host = await this.#start();
    this.#checked.set(urn, host);
    await host.checkConfig(urn, mapWithoutSecrets(olds), mapWithoutSecrets(news));
    return { inputs: news, failures: [] };
  }

  /** Compares the configuration of a provider resource. */
  async diff(old: ResourceState, news: PropertyMap): Promise<DiffAnswer> {
    const { urn, inputs, outputs = {} } = old;
    const host = this.#checked.get(urn) ?? this.#configured.get(urn);
    const bare = { urn, inputs: mapWithoutSecrets(inputs), outputs: mapWithoutSecrets(outputs) };
    await host?.diffConfig(bare, mapWithoutSecrets(news));
    const changed = changedInputs(inputs, news).length > 0;
    return { changes: changed ? "some" : "none", replaces: [], deleteBeforeReplace: false };
  }

  /** Creates a provider resource and configures its process. */
  async create(state: ResourceState): Promise<string> {
    const id = this.#dryRun ? unknownMarker : randomUUID();
    await this.#configure(state.urn, id, state.inputs);
    return id;
  }

  /** Keeps a provider resource with the inputs that the state has. */
  async same(state: ResourceState, inputs: PropertyMap): Promise<void> {
    if (!this.#configured.has(state.urn)) await this.#configure(state.urn, state.id, inputs);
  }

  /** Sends a changed configuration to the process of a provider resource. */
  async update(state: ResourceState): Promise<void> {
    await this.#configure(state.urn, state.id, state.inputs);
  }

  /** Starts the provider of an old resource if necessary, with the configuration that the state has. */
  async ensure(reference: string, olds: ReadonlyMap<string, ResourceState>): Promise<void> {
    if (reference === "") return;
    const urn = urnOfProvider(reference);
    if (this.#configured.has(urn)) return;
    const state = olds.get(urn);
    if (state === undefined || state.id !== idOfProvider(reference)) {
      throw new Error(`could not load provider '${reference}': it is not in the state`);
    }
    requireDynamic(state.type);
    // Several resources may need it at the same time.
    const configuring = this.#configuring.get(urn) ?? this.#configure(urn, state.id, state.inputs);
    this.#configuring.set(urn, configuring);
    await configuring;
  }

  /** Asks all processes to cancel their work. */
  async cancel(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.cancel()));
  }

  /** Stops all processes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#hosts.map((host) => host.stop()));
  }

  async #configure(urn: string, id: string, inputs: PropertyMap): Promise<void> {
    const host = this.#checked.get(urn) ?? (await this.#start());
    this.#checked.delete(urn);
    await host.configure(urn, id, inputs);
    this.#configured.set(urn, host);
  }

  async #start(): Promise<ProviderHost> {
    const host = await this.#startHost();
    this.#hosts.push(host);
    if (this.#stopped) await host.stop();
    return host;
  }
}

/** @throws Error if this engine can't run resources of a type */
export function requireDynamic(type: string): void {
  const wanted = isProviderType(type) ? type.slice("pulumi:providers:".length) : packageOf(type);
  if (wanted === dynamicPackage) return;
  throw new Error(
    `the test engine runs only dynamic resources (package "${dynamicPackage}") and components. ` +
      `'${type}' needs the provider plugin of package "${wanted}": use the pulumi CLI`,
  );
}

/** The reference (`URN::ID`) that resources have to their provider. */
export function referenceTo(state: ResourceState): string {
  return `${state.urn}::${state.id === "" ? unknownMarker : state.id}`;
}
