/** The provider processes of an update: loaded when first needed, configured once, stopped together. */
import { randomUUID } from "node:crypto";
import type { ProviderHost, DiffAnswer, ReadAnswer } from "./provider-process.js";
import type { ResourceState } from "../state/resource-state.js";
import { changedInputs, isPlainMap } from "../state/property-diff.js";
import {
  dynamicPackage,
  dynamicProviderType,
  idOfProvider,
  isProviderType,
  packageOf,
  urnOfProvider,
} from "../state/urn.js";
import {
  mapWithoutSecrets,
  Secret,
  unknownMarker,
  type PropertyMap,
  type PropertyValue,
} from "../state/property-values.js";

/** Starts a provider process. */
export type StartHost = () => Promise<ProviderHost>;

/** What a check answered. */
export interface CheckAnswer {
  readonly inputs: PropertyMap;
  readonly failures: readonly { property: string; reason: string }[];
}

/** Knows which process serves which provider resource. */
export class Providers {
  readonly #hosts: ProviderHost[] = [];
  readonly #configured = new Map<string, ProviderHost>();
  readonly #loaded = new Map<string, ProviderHost>();
  readonly #loading = new Map<string, Promise<void>>();
  #stopped = false;

  readonly #startHost: StartHost;
  readonly #dryRun: boolean;

  constructor(startHost: StartHost, dryRun: boolean) {
    this.#startHost = startHost;
    this.#dryRun = dryRun;
  }

  /** The process behind a provider reference. */
  hostOf(reference: string): ProviderHost {
    const host = this.#configured.get(urnOfProvider(reference));
    if (host === undefined) throw new Error(`unknown provider '${reference}'`);
    return host;
  }

  /** Checks the configuration of a provider resource, for which its process is started. */
  async check(urn: string, type: string, olds: PropertyMap, news: PropertyMap): Promise<CheckAnswer> {
    requireDynamic(type);
    const host = await this.#start();
    this.#loaded.set(urn, host);
    await host.checkConfig(urn, mapWithoutSecrets(olds), mapWithoutSecrets(news));
    return { inputs: news, failures: [] };
  }

  /** Compares the configuration of a provider resource; the dynamic host leaves that to the engine. */
  async diff(old: ResourceState, news: PropertyMap): Promise<DiffAnswer> {
    const host = this.#loaded.get(old.urn) ?? this.#configured.get(old.urn);
    await host?.diffConfig(
      old.urn,
      mapWithoutSecrets(old.inputs),
      mapWithoutSecrets(old.outputs ?? {}),
      mapWithoutSecrets(news),
    );
    const changed = changedInputs(old.inputs, news).length > 0;
    return { changes: changed ? "some" : "none", replaces: [], deleteBeforeReplace: false };
  }

  /** Makes a provider resource; only now its process gets its configuration. */
  async create(state: ResourceState): Promise<string> {
    const id = this.#dryRun ? unknownMarker : randomUUID();
    await this.#configure(state.urn, id, state.inputs);
    return id;
  }

  /** Takes a provider resource over as it was. */
  async same(state: ResourceState, inputs: PropertyMap): Promise<void> {
    if (!this.#configured.has(state.urn)) await this.#configure(state.urn, state.id, inputs);
  }

  /** Gives a provider resource a changed configuration. */
  async update(state: ResourceState): Promise<void> {
    await this.#configure(state.urn, state.id, state.inputs);
  }

  /** Sees to it that the provider of an old resource runs, with the configuration that the state holds. */
  async ensure(reference: string, olds: ReadonlyMap<string, ResourceState>): Promise<void> {
    if (reference === "") return;
    const urn = urnOfProvider(reference);
    if (this.#configured.has(urn)) return;
    const state = olds.get(urn);
    if (state === undefined || state.id !== idOfProvider(reference)) {
      throw new Error(`could not load provider '${reference}': it is not in the state`);
    }
    requireDynamic(state.type);
    // Several old resources may ask at the same time.
    const loading = this.#loading.get(urn) ?? this.#configure(urn, state.id, state.inputs);
    this.#loading.set(urn, loading);
    await loading;
  }

  /** Asks all processes to wind up. */
  async cancel(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.cancel()));
  }

  /** Ends all processes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#hosts.map((host) => host.stop()));
  }

  async #configure(urn: string, id: string, inputs: PropertyMap): Promise<void> {
    const host = this.#loaded.get(urn) ?? (await this.#start());
    this.#loaded.delete(urn);
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

/** Whether this engine can serve a resource type; the error says what it can. */
export function requireDynamic(type: string): void {
  const wanted = isProviderType(type) ? type.slice("pulumi:providers:".length) : packageOf(type);
  if (wanted === dynamicPackage) return;
  throw new Error(
    `the test engine runs dynamic resources (package "${dynamicPackage}") and components only; ` +
      `'${type}' needs the provider plugin of package "${wanted}", which only the pulumi CLI can load`,
  );
}

/** The reference under which resources name their provider. */
export function referenceTo(state: ResourceState): string {
  return `${state.urn}::${state.id === "" ? unknownMarker : state.id}`;
}

/** Calls to the provider of one resource. The dynamic host takes no marked secrets, so marks are put back on its answers. */
export class ResourceProvider {
  readonly #host: ProviderHost;

  constructor(host: ProviderHost) {
    this.#host = host;
  }

  async check(urn: string, olds: PropertyMap, news: PropertyMap, seed: Uint8Array): Promise<CheckAnswer> {
    const answer = await this.#host.check(urn, olds, news, seed);
    return { inputs: markSecrets(answer.inputs, news), failures: answer.failures };
  }

  diff(
    urn: string,
    id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
    ignoreChanges: readonly string[],
  ): Promise<DiffAnswer> {
    return this.#host.diff(urn, id, old, news, ignoreChanges);
  }

  async create(urn: string, inputs: PropertyMap, timeout: number): Promise<{ id: string; properties: PropertyMap }> {
    const made = await this.#host.create(urn, inputs, timeout);
    return { id: made.id, properties: markSecrets(made.properties, inputs) };
  }

  async read(urn: string, id: string, inputs: PropertyMap, outputs: PropertyMap, timeout: number): Promise<ReadAnswer> {
    const answer = await this.#host.read(urn, id, inputs, outputs, timeout);
    return {
      ...answer,
      properties: markSecrets(answer.properties, outputs),
      inputs: answer.inputs === undefined ? undefined : markSecrets(answer.inputs, inputs),
    };
  }

  async update(
    urn: string,
    id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
    options: { timeout: number; ignoreChanges: readonly string[] },
  ): Promise<PropertyMap> {
    return markSecrets(await this.#host.update(urn, id, old, news, options), news);
  }

  delete(urn: string, id: string, old: { inputs: PropertyMap; outputs: PropertyMap }, timeout: number): Promise<void> {
    return this.#host.delete(urn, id, old, timeout);
  }
}

/** Marks as secret what was secret in the values that were sent. */
export function markSecrets(received: PropertyMap, sent: PropertyMap): PropertyMap {
  const result: PropertyMap = { ...received };
  for (const [key, was] of Object.entries(sent)) {
    const value = result[key];
    if (value === undefined || value instanceof Secret) continue;
    if (isPlainMap(value) && isPlainMap(was)) result[key] = markSecrets(value, was);
    else if (containsSecret(was)) result[key] = new Secret(value);
  }
  return result;
}

function containsSecret(value: PropertyValue): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isPlainMap(value) && Object.values(value).some(containsSecret);
}

export { dynamicProviderType };
