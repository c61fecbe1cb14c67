/** The provider `ona` of Pulumi's plugin protocol: a resource provider of its own, in a process of its own. */
import { readFileSync } from "node:fs";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Properties, Reporter, Resource, ResourceTraits } from "../../lifecycle/contract.js";
import { ObjectExists, ResourceFailure } from "../../lifecycle/failures.js";
import type { InvokeContext, InvokeHandler } from "../../lifecycle/functions.js";
import { isManagedState } from "../../lifecycle/state.js";
import { isUnknown, unknown } from "../../lifecycle/unknown.js";
import { mustBeUuid } from "../../lifecycle/validation.js";
import { describeMisspelling } from "../../settings/misspelled.js";
import { settingRows } from "../../settings/setting-rows.js";
import { explicitName, readBoolean } from "../../settings/settings.js";
import { ExpectedError } from "../../util/expected-error.js";
import { createNodeCheck } from "../../util/node-version.js";
import { idForShell, quoteForShell, sanitize } from "../../util/text.js";
import { isUuid } from "../../util/uuid.js";
import { packageVersion } from "../../util/version.js";
import { outputsOf, ResourceHost } from "../resource-host.js";
import { Session } from "../session.js";
import { describeDiff } from "./detailed-diff.js";
import type { EngineConnection } from "./engine.js";
import { DiffResponse_DiffChanges, type ResourceProvider } from "./gen/pulumi/provider_pb.js";
import type { Methods } from "./grpc.js";
import { checkConfig, isSameConfig, readerOf } from "./provider-config.js";
import { reporterFor } from "./reporter.js";
import { decode, decodeStored, encode } from "./values.js";

/** A resource of the provider. */
export interface NativeResource {
  readonly traits: ResourceTraits;
  readonly load: () => Promise<Resource>;
  /** Lists the objects that match the filters by property that the API has. The provider applies all of them again. */
  readonly list: (
    filters: Readonly<Record<string, string | undefined>>,
    context: InvokeContext,
  ) => Promise<readonly { readonly id: string }[]>;
  /** Finds the id of an object that is imported by something other than its id. */
  readonly findId?: (text: string, context: InvokeContext) => Promise<string>;
}

/** A function of the provider. */
export interface NativeFunction {
  readonly load: () => Promise<InvokeHandler<never, unknown>>;
  /** The result as an object. Default: the result. */
  readonly wrap?: (result: unknown) => object;
}

/** What the provider serves, by the name in `ona:index:Name`. */
export interface NativePackage {
  readonly resources: Readonly<Record<string, NativeResource>>;
  readonly functions: Readonly<Record<string, NativeFunction>>;
  readonly schemaFile: string;
}

/** What the engine says about the resource of a call. */
interface Target {
  readonly urn: string;
  readonly name: string;
  readonly type: string;
}

/** The methods of the provider. Those that are missing answer UNIMPLEMENTED. */
export class NativeProvider {
  readonly #package: NativePackage;
  readonly #engine: EngineConnection;
  readonly #session: Session;
  readonly #hosts = new Map<string, Promise<{ host: ResourceHost; resource: Resource; native: NativeResource }>>();
  /** Ends the operations that run. */
  readonly #running = new Set<AbortController>();
  /** The resources that Diff has found to need a replacement. */
  readonly #replaced = new Set<string>();
  readonly #invokeContext: InvokeContext;
  readonly #checkNode: () => void;
  #refreshBeforeUpdate = false;
  /** The option that names the explicit provider in `pulumi import`. */
  #providerOption = "";

  constructor(content: NativePackage, engine: EngineConnection) {
    this.#package = content;
    this.#engine = engine;
    const warn = (line: string) => engine.log("WARNING", line);
    const importCommand = (id: string, name = "NAME") =>
      `pulumi import ona:index:WarmPool ${quoteForShell(name)} ${idForShell(id)}${this.#providerOption}`;
    const output = { log: (line: string) => engine.log("INFO", line), warn };
    this.#session = new Session(output, { onInterrupt: "keep", importCommand });
    this.#invokeContext = {
      client: (connection) => this.#session.account(connection ?? undefined).client(),
      run: this,
    };
    this.#checkNode = createNodeCheck(warn);
  }

  readonly methods: Methods<typeof ResourceProvider> = {
    handshake: ({ engineAddress }) => {
      this.#engine.connect(engineAddress);
      return {};
    },
    attach: ({ address }) => {
      this.#engine.connect(address);
      return {};
    },
    getPluginInfo: () => ({ version: packageVersion }),
    getSchema: () => ({ schema: readSchema(this.#package.schemaFile) }),
    checkConfig: ({ news, name }) => {
      const config = decode(news);
      for (const key of Object.keys(config)) {
        const warning = describeMisspelling(key, Object.keys(settingRows));
        if (warning !== undefined) this.#engine.log("WARNING", warning);
      }
      // As they came, or the engine would forget which of them are secret.
      return { inputs: news ?? {}, failures: checkConfig(config, explicitName(name)) };
    },
    // Never a replacement, which would replace all resources, and create each before it deletes the old one. Check,
    // Diff, and Read show what a changed address or token leads to.
    diffConfig: ({ oldInputs, news }) => {
      const { DIFF_NONE, DIFF_SOME } = DiffResponse_DiffChanges;
      return { changes: isSameConfig(decode(oldInputs), decode(news)) ? DIFF_NONE : DIFF_SOME };
    },
    configure: ({ args, name = "", urn = "" }) => {
      const config = readerOf(decode(args));
      const provider = explicitName(name);
      this.#providerOption = provider === undefined ? "" : ` --provider ${quoteForShell(`${name}=${urn}`)}`;
      this.#session.configure(config, provider);
      const sources = { caller: "provider", config, provider, env: process.env } as const;
      this.#refreshBeforeUpdate = readBoolean(sources, "refreshBeforeUpdate");
      this.#checkNode();
      return { supportsPreview: true };
    },
    invoke: ({ tok, args }) => this.#invoke(tok, args),
    check: async (request) => {
      const { host, resource } = await this.#hostOf(request.type);
      const { urn, name } = request;
      const { inputs, failures } = await host.check(decode(request.news), { urn, name });
      return { inputs: encode(withoutDefaults(resource, inputs)), failures: [...failures] };
    },
    diff: async (request) => {
      const { host, resource } = await this.#hostOf(request.type);
      const { id, urn } = request;
      const news = decode(request.news);
      // Check has left them out of the new inputs. A program of the dynamic provider may have set them.
      const state = withoutDefaults(resource, this.#stateOf(request.olds));
      const oldInputs = withoutDefaults(resource, this.#stateOf(request.oldInputs));
      const reporter = await this.#reporterOf(request);
      const result = await host.diff(id, state, news, reporter, urn);
      if (result.replaces.includes("connection")) reporter.warn(adviseToKeep(state));
      if (result.replaces.length > 0) this.#replaced.add(urn);
      return describeDiff(result, oldInputs, news, resource.properties.inputNames);
    },
    create: async (request) => {
      const { host, resource } = await this.#hostOf(request.type);
      const inputs = decode(request.properties);
      const reporter = await this.#reporterOf(request);
      if (request.preview) {
        // The object to replace still exists. Nothing of the kind will be found later.
        if (!this.#replaced.has(request.urn)) await host.lookAhead(inputs, reporter);
        return { properties: encode(plannedOutputs(resource, {}, inputs)) };
      }
      const { id, state } = await this.#run(request.timeout, (options) => host.create(inputs, reporter, options)).catch(
        (error: unknown) => {
          throw error instanceof ObjectExists ? new ResourceFailure(`${error.message} ${adviceOnReplacement}`) : error;
        },
      );
      return { id, ...this.#stored(resource, state) };
    },
    read: async (request) => {
      const { host, resource, native } = await this.#hostOf(request.type);
      const isImport = request.properties === undefined && request.inputs === undefined;
      const isManaged = isImport || Object.keys(request.inputs ?? {}).length > 0;
      const { findId } = native;
      const isId = !isImport || findId === undefined || isUuid(request.id);
      const id = isId ? request.id : await findId(request.id, this.#invokeContext);
      const state = isImport ? { __managed: resource.properties.managedNames } : this.#stateOf(request.properties);
      const inputs = this.#stateOf(request.inputs);
      const known = isManaged ? { ...managedBy(resource, inputs), ...state } : withoutManaged(state);
      const result = await host.read(id, known, await this.#reporterOf(request));
      if (!result.found) return {};
      // Without inputs, the next refresh also finds a resource that is only read.
      return {
        id: result.id,
        ...this.#stored(resource, result.state),
        inputs: isManaged ? encode(result.inputs) : {},
      };
    },
    // For `pulumi do`. Each page lists again and continues after the last id of the one before.
    list: async ({ token, query, limit, pageSize, continuationToken: last }) => {
      const { native, resource } = await this.#hostOf(token);
      const filters = decode(query);
      if (Object.values(filters).some(isUnknown)) return [{ response: { case: "computed", value: {} } }];
      for (const [name, value] of Object.entries(filters))
        if (resource.properties.rows[name]?.type === "uuid" && !isUuid(String(value)))
          throw new ExpectedError(`${name} ${mustBeUuid}`);
      const wanted = Object.entries(filters).map(([name, value]) => [name, String(value).toLowerCase()] as const);
      const listed = await native.list(Object.fromEntries(wanted), this.#invokeContext);
      const matches = (object: Properties) =>
        wanted.every(([name, value]) => String(object[name]).toLowerCase() === value);
      const found = listed.filter((object) => object.id > last && matches({ ...object }));
      const max = Math.min(...[limit, pageSize].filter((count) => count > 0n).map(Number));
      const page = found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, max);
      const results = page.map(({ id }) => ({ response: { case: "result", value: { id } } }) as const);
      const continuationToken =
        page.length < found.length && page.length !== Number(limit) ? page.at(-1)?.id : undefined;
      return continuationToken === undefined
        ? results
        : [...results, { response: { case: "continuation", value: { continuationToken } } }];
    },
    update: async (request) => {
      const { host, resource } = await this.#hostOf(request.type);
      const [state, inputs] = [this.#stateOf(request.olds), decode(request.news)];
      if (request.preview) return { properties: encode(plannedOutputs(resource, state, inputs)) };
      const reporter = await this.#reporterOf(request);
      const oldInputs = this.#stateOf(request.oldInputs);
      const now = await this.#run(request.timeout, (options) =>
        host.update(request.id, state, inputs, reporter, { ...options, oldInputs }),
      );
      return this.#stored(resource, now);
    },
    delete: async (request) => {
      const { host } = await this.#hostOf(request.type);
      const reporter = await this.#reporterOf(request);
      await this.#run(request.timeout, (options) =>
        host.delete(request.id, this.#stateOf(request.properties), reporter, options),
      );
      return {};
    },
    // Comes at the first Ctrl+C, and at the end of every command.
    cancel: () => {
      for (const operation of this.#running) operation.abort(new ExpectedError("The command was interrupted."));
      return {};
    },
  };

  /** The outputs to keep of a partial failure. */
  async outputsFor(type: string): Promise<(state: object) => object> {
    const { resource } = await this.#hostOf(type);
    return (state) => outputsOf(resource, state);
  }

  #hostOf(type: string): Promise<{ host: ResourceHost; resource: Resource; native: NativeResource }> {
    const known = this.#hosts.get(type) ?? this.#createHost(type);
    this.#hosts.set(type, known);
    return known;
  }

  async #createHost(type: string): Promise<{ host: ResourceHost; resource: Resource; native: NativeResource }> {
    const native = this.#package.resources[nameIn(type)];
    if (native === undefined) throw new ExpectedError(`The provider ona ${packageVersion} has no resource ${type}.`);
    const host = new ResourceHost(native.traits, native.load, this.#session);
    return { host, resource: await host.resource(), native };
  }

  async #reporterOf({ type, name, urn }: Target): Promise<Reporter> {
    const { native } = await this.#hostOf(type);
    return reporterFor(this.#engine, native.traits.kind, name, urn);
  }

  /** Runs an operation that Cancel ends. */
  async #run<T>(
    timeoutSeconds: number,
    operation: (options: { timeoutMs: number | undefined; interrupt: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const interrupt = new AbortController();
    this.#running.add(interrupt);
    try {
      const timeoutMs = timeoutSeconds > 0 ? timeoutSeconds * 1_000 : undefined;
      return await operation({ timeoutMs, interrupt: interrupt.signal });
    } finally {
      this.#running.delete(interrupt);
    }
  }

  /** What state has. An explicit provider has the account itself that a dynamic resource names as its connection. */
  #stateOf(properties: JsonObject | undefined): Properties {
    const state = decodeStored(properties);
    if (this.#providerOption === "") return state;
    const { connection: _connection, ...others } = state;
    return others;
  }

  #stored(resource: Resource, state: object): { properties: JsonObject; refreshBeforeUpdate: boolean } {
    return { properties: encode(outputsOf(resource, state)), refreshBeforeUpdate: this.#refreshBeforeUpdate };
  }

  async #invoke(token: string, args: JsonObject | undefined) {
    const called = this.#package.functions[nameIn(token)];
    if (called === undefined) throw new ExpectedError(`The provider ona ${packageVersion} has no function ${token}.`);
    const { load, wrap = (result: unknown) => result as object } = called;
    try {
      const handler = await load();
      return { return: encode(wrap(await handler(decode(args) as never, this.#invokeContext))) };
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      return { failures: [{ property: "", reason: error.message }] };
    }
  }
}

const adviceOnReplacement =
  "If this is a replacement that `--replace` or another option asks for, set the option `deleteBeforeReplace: true`.";

/** The name in a type or a token: `WarmPool` in `ona:index:WarmPool`. */
function nameIn(token: string): string {
  return token.replace(/^ona:index:/, "");
}

/** What to do about a resource of the dynamic provider that leaves its connection. */
function adviseToKeep({ connection }: Properties): string {
  const name = JSON.stringify(connection);
  return sanitize(
    `It had the connection ${name}, so it is replaced. To keep it, set its option \`provider\` to an explicit provider with the token and address of ${name}.`,
  );
}

/** The mark of a managed resource, for state that something else has written. */
function managedBy({ properties: { managedNames } }: Resource, inputs: Properties): Properties {
  return { __managed: managedNames.filter((name) => inputs[name] !== undefined) };
}

/** State as that of a resource that is only read. */
function withoutManaged(state: Properties): Properties {
  if (!isManagedState(state)) return state;
  const { __managed: _managed, ...shown } = state;
  return shown;
}

/**
 * Leaves out inputs that have their defaults: generated SDKs set them, and state of the dynamic provider doesn't have
 * them. Where a program may leave an input to the API, setting it means something.
 */
function withoutDefaults({ properties: { rows } }: Resource, inputs: Properties): Properties {
  const isDefault = ([name, value]: [string, unknown]) => {
    const row = rows[name];
    return row?.managed !== true && row?.default !== undefined && value === row.default;
  };
  return Object.fromEntries(Object.entries(inputs).filter((entry) => !isDefault(entry)));
}

/** The outputs of a preview. Those that the operation may change are unknown. */
function plannedOutputs({ properties: { rows } }: Resource, state: Properties, inputs: Properties): object {
  const outputs = Object.entries(rows).map(([name, { onChange, managed, live, volatile, fallback }]) => {
    if (onChange !== undefined && (inputs[name] !== undefined || !managed)) return [name, inputs[name] ?? null];
    if (live === "state") return [name, state[name] ?? fallback ?? null];
    const isKnown = Object.hasOwn(state, name) && volatile !== true;
    return [name, isKnown ? state[name] : unknown];
  });
  return Object.fromEntries(outputs) as object;
}

function readSchema(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ExpectedError(
      sanitize(`The provider's schema can't be read: ${String(error)}. Install pulumi-ona again.`),
    );
  }
}
