/** The dynamic provider as a process of its own, called over gRPC as the CLI calls it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { describeExit, startNode, type RunningProcess } from "./child-process.js";
import { call, clientOptions, emptyMessage, fromStruct, grpc, toStruct, type Start, type Struct } from "./grpc.js";
import { nameOf, typeOf } from "../state/urn.js";
import { messageToJson, type ProviderCall } from "./provider-call.js";
import type { PropertyMap } from "../state/property-values.js";

/** The resource was made or changed, but is not in the state it should be: its id and properties are kept. */
export class InitError extends Error {
  constructor(
    readonly id: string,
    readonly properties: PropertyMap,
    readonly reasons: readonly string[],
  ) {
    const count = reasons.length === 1 ? "1 error occurred" : `${reasons.length} errors occurred`;
    super(`${count}:\n${reasons.map((reason) => `\t* ${reason}\n`).join("")}\n`);
  }
}

export interface ProviderHostOptions {
  /** The program's folder: the SDK is found from there. */
  readonly programDirectory: string;
  readonly rootDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly engineAddress: string;
  readonly onLog: (severity: "info" | "info#err", line: string) => void;
  /** Is told of every call once it has ended. */
  readonly onCall: ((call: ProviderCall) => void) | undefined;
}

/** The answer of a diff. */
export interface DiffAnswer {
  readonly changes: "none" | "some" | "unknown";
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** The answer of a read; without properties the resource is gone. */
export interface ReadAnswer {
  readonly id: string;
  readonly properties: PropertyMap;
  readonly inputs: PropertyMap | undefined;
  readonly initErrors: readonly string[];
}

/** One call of a provider. */
type Unary<Request, Response> = (
  request: Request,
  done: (error: grpc.ServiceError | null, response: Response) => void,
) => { cancel(): void };

/** The calls of a provider that the engine makes: over gRPC, or of a service in the same process. */
export interface ProviderClient {
  readonly handshake: Unary<provider.ProviderHandshakeRequest, provider.ProviderHandshakeResponse>;
  readonly getPluginInfo: Unary<Empty, PluginInfo>;
  readonly checkConfig: Unary<provider.CheckRequest, provider.CheckResponse>;
  readonly diffConfig: Unary<provider.DiffRequest, provider.DiffResponse>;
  readonly configure: Unary<provider.ConfigureRequest, provider.ConfigureResponse>;
  readonly check: Unary<provider.CheckRequest, provider.CheckResponse>;
  readonly diff: Unary<provider.DiffRequest, provider.DiffResponse>;
  readonly create: Unary<provider.CreateRequest, provider.CreateResponse>;
  readonly read: Unary<provider.ReadRequest, provider.ReadResponse>;
  readonly update: Unary<provider.UpdateRequest, provider.UpdateResponse>;
  readonly delete: Unary<provider.DeleteRequest, Empty>;
  readonly cancel: Unary<Empty, Empty>;
  close(): void;
}

// The dynamic host does not take marked secrets, so it gets bare values; only its configuration arrives marked.
const bare = { secrets: false, references: false };
const startDeadline = 60_000;
const killDelay = 5_000;
let started = 0;

/** One provider process. */
export class ProviderHost {
  readonly #stopping = new AbortController();
  readonly #process: RunningProcess;
  readonly #client: ProviderClient;
  readonly #options: Pick<ProviderHostOptions, "engineAddress" | "onCall">;

  constructor(
    process: RunningProcess,
    client: ProviderClient,
    options: Pick<ProviderHostOptions, "engineAddress" | "onCall">,
  ) {
    this.#process = process;
    this.#client = client;
    this.#options = options;
  }

  /** Starts the process and greets it. */
  static async start(options: ProviderHostOptions): Promise<ProviderHost> {
    const script = resolveFrom(options.programDirectory, "@pulumi/pulumi/cmd/dynamic-provider");
    let onPort: (port: string) => void;
    const port = new Promise<string>((resolve) => (onPort = resolve));
    let ready = false;
    const errors: string[] = [];
    const child = startNode({
      cwd: options.programDirectory,
      args: [script, options.engineAddress],
      env: options.env,
      onStdout: (line) => {
        if (ready) return options.onLog("info", line);
        ready = true;
        onPort(line.trim());
      },
      onStderr: (line) => {
        if (!ready) errors.push(line);
        options.onLog("info#err", line);
      },
    });
    const deadline = setTimeout(() => child.kill(), startDeadline);
    const address = await Promise.race([
      port,
      child.exited.then((exit) => {
        const said = errors.length === 0 ? "" : `\n${errors.join("\n")}`;
        throw new Error(`the dynamic provider process could not be started: ${describeExit(exit)}${said}`);
      }),
    ]).finally(() => clearTimeout(deadline));
    const client = new ResourceProviderClient(`127.0.0.1:${address}`, clientOptions.credentials, clientOptions.options);
    return ProviderHost.attach(child, client, options);
  }

  /** Greets a process that runs. */
  static async attach(
    process: RunningProcess,
    client: ProviderClient,
    options: Pick<ProviderHostOptions, "engineAddress" | "onCall">,
  ): Promise<ProviderHost> {
    const host = new ProviderHost(process, client, options);
    await host.#greet();
    return host;
  }

  async #greet(): Promise<void> {
    const { engineAddress } = this.#options;
    const request = new provider.ProviderHandshakeRequest()
      .setEngineAddress(engineAddress)
      .setConfigureWithUrn(true)
      .setSupportsViews(true)
      .setSupportsRefreshBeforeUpdate(true)
      .setInvokeWithPreview(true);
    await this.#optional("Handshake", request, (done) => this.#client.handshake(request, done));
    await this.#invoke("GetPluginInfo", undefined, (done) => this.#client.getPluginInfo(emptyMessage(), done));
  }

  /** Asks to check the provider's own configuration, which the dynamic host leaves to the engine. */
  async checkConfig(urn: string, olds: PropertyMap, news: PropertyMap): Promise<void> {
    const request = new provider.CheckRequest()
      .setUrn(urn)
      .setOlds(toStruct(olds, bare))
      .setNews(toStruct(news, bare))
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    await this.#optional("CheckConfig", request, (done) => this.#client.checkConfig(request, done));
  }

  /** Asks to compare the provider's own configuration, which the dynamic host leaves to the engine. */
  async diffConfig(urn: string, oldInputs: PropertyMap, oldOutputs: PropertyMap, news: PropertyMap): Promise<void> {
    const request = new provider.DiffRequest()
      .setUrn(urn)
      .setOlds(toStruct(oldOutputs, bare))
      .setNews(toStruct(news, bare))
      .setOldInputs(toStruct(oldInputs, bare))
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    await this.#optional("DiffConfig", request, (done) => this.#client.diffConfig(request, done));
  }

  /** Hands over the configuration. */
  async configure(urn: string, id: string, args: PropertyMap): Promise<void> {
    const request = new provider.ConfigureRequest()
      .setArgs(toStruct(args, { secrets: true, references: false }))
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSendsOldInputs(true)
      .setSendsOldInputsToDelete(true)
      .setId(id)
      .setUrn(urn)
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    await this.#invoke("Configure", request, (done) => this.#client.configure(request, done));
  }

  /** Validates inputs and fills in defaults. */
  async check(
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
    randomSeed: Uint8Array,
  ): Promise<{ inputs: PropertyMap; failures: { property: string; reason: string }[] }> {
    const request = new provider.CheckRequest()
      .setUrn(urn)
      .setOlds(toStruct(olds, bare))
      .setNews(toStruct(news, bare))
      .setRandomseed(randomSeed)
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    const response = await this.#invoke<provider.CheckResponse>("Check", request, (done) =>
      this.#client.check(request, done),
    );
    return {
      inputs: fromStruct(response.getInputs()),
      failures: response.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() })),
    };
  }

  /** Compares what is with what shall be. */
  async diff(
    urn: string,
    id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
    ignoreChanges: readonly string[],
  ): Promise<DiffAnswer> {
    const request = new provider.DiffRequest()
      .setId(id)
      .setUrn(urn)
      .setOlds(toStruct(old.outputs, bare))
      .setNews(toStruct(news, bare))
      .setOldInputs(toStruct(old.inputs, bare))
      .setIgnorechangesList([...ignoreChanges])
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    const response = await this.#invoke<provider.DiffResponse>("Diff", request, (done) =>
      this.#client.diff(request, done),
    );
    const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
    const changes = response.getChanges();
    return {
      changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  /** Makes the resource. */
  async create(urn: string, inputs: PropertyMap, timeout: number): Promise<{ id: string; properties: PropertyMap }> {
    const request = new provider.CreateRequest()
      .setUrn(urn)
      .setProperties(toStruct(inputs, bare))
      .setTimeout(timeout)
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    const response = await this.#invoke<provider.CreateResponse>("Create", request, (done) =>
      this.#client.create(request, done),
    );
    return { id: response.getId(), properties: fromStruct(response.getProperties()) };
  }

  /** Looks at the resource as it is. */
  async read(urn: string, id: string, inputs: PropertyMap, outputs: PropertyMap, timeout: number): Promise<ReadAnswer> {
    const request = new provider.ReadRequest()
      .setId(id)
      .setUrn(urn)
      .setProperties(toStruct(outputs, bare))
      .setInputs(toStruct(inputs, bare))
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    // Older SDKs have no such field.
    if (timeout > 0 && "setTimeout" in request) request.setTimeout(timeout);
    try {
      const response = await this.#invoke<provider.ReadResponse>("Read", request, (done) =>
        this.#client.read(request, done),
      );
      return {
        id: response.getId(),
        properties: fromStruct(response.getProperties()),
        inputs: response.hasInputs() ? fromStruct(response.getInputs()) : undefined,
        initErrors: [],
      };
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      return { id: error.id, properties: error.properties, inputs: undefined, initErrors: error.reasons };
    }
  }

  /** Changes the resource in place. */
  async update(
    urn: string,
    id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
    options: { timeout: number; ignoreChanges: readonly string[] },
  ): Promise<PropertyMap> {
    const request = new provider.UpdateRequest()
      .setId(id)
      .setUrn(urn)
      .setOlds(toStruct(old.outputs, bare))
      .setNews(toStruct(news, bare))
      .setOldInputs(toStruct(old.inputs, bare))
      .setTimeout(options.timeout)
      .setIgnorechangesList([...options.ignoreChanges])
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    const response = await this.#invoke<provider.UpdateResponse>("Update", request, (done) =>
      this.#client.update(request, done),
    );
    return fromStruct(response.getProperties());
  }

  /** Removes the resource. */
  async delete(
    urn: string,
    id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    timeout: number,
  ): Promise<void> {
    const request = new provider.DeleteRequest()
      .setId(id)
      .setUrn(urn)
      .setProperties(toStruct(old.outputs, bare))
      .setOldInputs(toStruct(old.inputs, bare))
      .setTimeout(timeout)
      .setName(nameOf(urn))
      .setType(typeOf(urn));
    await this.#invoke("Delete", request, (done) => this.#client.delete(request, done));
  }

  /** Asks the provider to wind up; the dynamic host answers and does nothing. */
  async cancel(): Promise<void> {
    if (this.#process.hasExited()) return;
    await this.#invoke("Cancel", undefined, (done) => this.#client.cancel(emptyMessage(), done)).catch(() => undefined);
  }

  /** Ends the process: SIGINT, and SIGKILL if that has not helped within 5 s. Running calls fail at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#process.signal("SIGINT");
    const timer = setTimeout(() => this.#process.kill(), killDelay);
    await this.#process.exited.catch(() => undefined);
    clearTimeout(timer);
    // What the provider has started must not outlive it.
    this.#process.kill();
    this.#client.close();
  }

  async #optional<Response>(name: string, request: unknown, start: Start<Response>): Promise<void> {
    await this.#invoke(name, request, start).catch((error: unknown) => {
      if (!(isServiceError(error) && error.code === grpc.status.UNIMPLEMENTED)) throw error;
    });
  }

  async #invoke<Response>(method: string, request: unknown, start: Start<Response>): Promise<Response> {
    const { onCall } = this.#options;
    const traced = { order: started++, method, request: onCall === undefined ? {} : messageToJson(request) };
    try {
      // What the provider printed before it answered may explain the answer.
      const response = await call(start, this.#stopping.signal).finally(() => this.#process.heard());
      onCall?.({ ...traced, response: messageToJson(response) });
      return response;
    } catch (error) {
      onCall?.({ ...traced, error: error instanceof Error ? error.message : String(error) });
      if (!isServiceError(error)) throw error;
      if (error.code === grpc.status.UNAVAILABLE) throw await this.#lost(method, error);
      throw initErrorOf(error) ?? (error.code === grpc.status.UNKNOWN ? new Error(error.details) : error);
    }
  }

  async #lost(name: string, error: grpc.ServiceError): Promise<Error> {
    // The connection ends a moment before the exit is known.
    const exit = await Promise.race([
      this.#process.exited,
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1_000).unref()),
    ]);
    const why = exit === undefined ? error.details : describeExit(exit);
    return new Error(`the provider process died while ${name} was running: ${why}`);
  }
}

/** Finds a module as Node would from a folder; the error says what is missing and what to do. */
export function resolveFrom(folder: string, module: string): string {
  try {
    return createRequire(join(folder, "index.js")).resolve(module);
  } catch {
    const name = module.split("/").slice(0, 2).join("/");
    throw new Error(`${name} is not installed for the program in ${folder}: run \`npm install\` there`);
  }
}

function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && "code" in error && "metadata" in error;
}

function initErrorOf(error: grpc.ServiceError): InitError | undefined {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!(details instanceof Uint8Array)) return undefined;
  for (const any of Status.deserializeBinary(details).getDetailsList()) {
    if (any.getTypeUrl().endsWith("pulumirpc.ErrorResourceInitFailed")) {
      const failed = provider.ErrorResourceInitFailed.deserializeBinary(any.getValue_asU8());
      return new InitError(failed.getId(), propertiesOf(failed.getProperties()), failed.getReasonsList());
    }
  }
  return undefined;
}

function propertiesOf(struct: Struct | undefined): PropertyMap {
  return fromStruct(struct);
}
