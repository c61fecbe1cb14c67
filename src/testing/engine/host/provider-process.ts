/** The dynamic provider in a process of its own, called over gRPC like the Pulumi engine calls it. */
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { markSecrets, type PropertyMap } from "../state/property-values.js";
import { nameOf, typeOf } from "../state/urn.js";
import { describeExit, resolveFrom, type RunningProcess, type StartProcess } from "./child-process.js";
import { callUnary, clientOptions, emptyMessage, fromStruct, grpc, type ServiceError, toStruct } from "./grpc.js";
import { messageToJson, type ProviderCall } from "./provider-call.js";

/** The resource was created or updated but is not healthy. The state keeps its id and properties. */
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
  readonly startProcess: StartProcess;
  /** The program's folder. The process uses the SDK that is installed there. */
  readonly programDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly engineAddress: string;
  readonly onLog: (severity: "info" | "info#err", line: string) => void;
  /** Called after each call to the provider. */
  readonly onCall: ((call: ProviderCall) => void) | undefined;
}

/** A provider process that nothing has called yet. */
export interface StartedProvider {
  /** Greets the process. */
  attach(): Promise<ProviderHost>;
  /** Stops the process if nothing will call it. */
  stop(terminate: AbortSignal): Promise<void>;
}

/** What the engine knows about a resource that it asks the provider about. */
export interface KnownResource {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap | undefined;
}

export interface CheckAnswer {
  readonly inputs: PropertyMap;
  readonly failures: readonly { property: string; reason: string }[];
}

export interface DiffAnswer {
  readonly changes: "none" | "some" | "unknown";
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** The answer of a read. An empty id means that the resource is gone. */
export interface ReadAnswer {
  readonly id: string;
  readonly properties: PropertyMap;
  readonly inputs: PropertyMap | undefined;
  readonly initErrors: readonly string[];
}

type Unary<Request, Response> = (
  request: Request,
  done: (error: ServiceError | null, response: Response) => void,
) => { cancel(): void };

interface ProviderMethods {
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
}

type Method = keyof ProviderMethods;
type RequestOf<M extends Method> = Parameters<ProviderMethods[M]>[0];
type ResponseOf<M extends Method> = ProviderMethods[M] extends Unary<never, infer Response> ? Response : never;

/** The provider methods that the engine calls: over gRPC, or in the same process in a test. */
export interface ProviderClient extends ProviderMethods {
  close(): void;
}

// The dynamic host does not accept marked secrets in properties, only in its configuration.
const bare = { secrets: false, references: false };
const startTimeoutMs = 60_000;
const killDelayMs = 5_000;
let callCount = 0;

/** One provider process. Answers mark as secret what was secret in the values that the engine sent. */
export class ProviderHost {
  readonly #stopping = new AbortController();
  readonly #process: RunningProcess;
  readonly #client: ProviderClient;
  readonly #onCall: ProviderHostOptions["onCall"];
  #runningCalls = 0;
  #stopped: Promise<void> | undefined;

  constructor(process: RunningProcess, client: ProviderClient, onCall: ProviderHostOptions["onCall"]) {
    this.#process = process;
    this.#client = client;
    this.#onCall = onCall;
  }

  /** Starts a process. */
  static start(options: ProviderHostOptions): StartedProvider {
    const port = Promise.withResolvers<string>();
    let isReady = false;
    const errors: string[] = [];
    const child = options.startProcess({
      cwd: options.programDirectory,
      script: resolveFrom(options.programDirectory, "@pulumi/pulumi/cmd/dynamic-provider"),
      args: [options.engineAddress],
      env: options.env,
      onStdout: (line) => {
        if (isReady) return options.onLog("info", line);
        isReady = true;
        port.resolve(line.trim());
      },
      onStderr: (line) => {
        if (!isReady) errors.push(line);
        options.onLog("info#err", line);
      },
    });
    const timer = setTimeout(() => child.kill(), startTimeoutMs);
    const failed = child.exited.then((exit) => {
      throw new Error(["could not start the dynamic provider process: " + describeExit(exit), ...errors].join("\n"));
    });
    const listening = Promise.race([port.promise, failed]).finally(() => clearTimeout(timer));
    listening.catch(() => undefined);
    return {
      attach: async () => {
        const address = `127.0.0.1:${await listening}`;
        const client = new ResourceProviderClient(address, clientOptions.credentials, clientOptions.options);
        return ProviderHost.attach(child, client, options);
      },
      stop: async (terminate) => {
        const kill = (): void => child.kill();
        terminate.addEventListener("abort", kill);
        if (terminate.aborted) kill();
        await listening.catch(() => undefined);
        child.finish();
        await ended(child);
        terminate.removeEventListener("abort", kill);
      },
    };
  }

  /** Greets a running process. */
  static async attach(
    process: RunningProcess,
    client: ProviderClient,
    { engineAddress, onCall }: Pick<ProviderHostOptions, "engineAddress" | "onCall">,
  ): Promise<ProviderHost> {
    const host = new ProviderHost(process, client, onCall);
    const handshake = new provider.ProviderHandshakeRequest()
      .setEngineAddress(engineAddress)
      .setConfigureWithUrn(true)
      .setSupportsViews(true)
      .setSupportsRefreshBeforeUpdate(true)
      .setInvokeWithPreview(true);
    await host.#callIfImplemented("handshake", handshake);
    await host.#call("getPluginInfo", emptyMessage());
    return host;
  }

  /** Lets the provider check its own configuration. The dynamic host leaves that to the engine. */
  async checkConfig(urn: string, olds: PropertyMap, news: PropertyMap): Promise<void> {
    const request = withUrn(new provider.CheckRequest(), urn)
      .setOlds(toStruct(olds, bare))
      .setNews(toStruct(news, bare));
    await this.#callIfImplemented("checkConfig", request);
  }

  /** Lets the provider compare its own configuration. The dynamic host leaves that to the engine. */
  async diffConfig({ urn, inputs, outputs = {} }: Omit<KnownResource, "id">, news: PropertyMap): Promise<void> {
    const request = withUrn(new provider.DiffRequest(), urn)
      .setOlds(toStruct(outputs, bare))
      .setNews(toStruct(news, bare))
      .setOldInputs(toStruct(inputs, bare));
    await this.#callIfImplemented("diffConfig", request);
  }

  async configure(urn: string, id: string, args: PropertyMap): Promise<void> {
    const request = withUrn(new provider.ConfigureRequest(), urn)
      .setId(id)
      .setArgs(toStruct(args, { secrets: true, references: false }))
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSendsOldInputs(true)
      .setSendsOldInputsToDelete(true);
    await this.#call("configure", request);
  }

  async check(urn: string, olds: PropertyMap, news: PropertyMap, randomSeed: Uint8Array): Promise<CheckAnswer> {
    const request = withUrn(new provider.CheckRequest(), urn)
      .setOlds(toStruct(olds, bare))
      .setNews(toStruct(news, bare))
      .setRandomseed(randomSeed);
    const response = await this.#call("check", request);
    return {
      inputs: markSecrets(fromStruct(response.getInputs()), news),
      failures: response.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() })),
    };
  }

  async diff(old: KnownResource, news: PropertyMap, ignoreChanges: readonly string[]): Promise<DiffAnswer> {
    const request = withUrn(new provider.DiffRequest(), old.urn)
      .setId(old.id)
      .setOlds(toStruct(old.outputs ?? {}, bare))
      .setNews(toStruct(news, bare))
      .setOldInputs(toStruct(old.inputs, bare))
      .setIgnorechangesList([...ignoreChanges]);
    const response = await this.#call("diff", request);
    const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
    const changes = response.getChanges();
    return {
      changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  /** @throws InitError if the resource was created but is not healthy */
  async create(urn: string, inputs: PropertyMap, timeout = 0): Promise<{ id: string; properties: PropertyMap }> {
    const request = withUrn(new provider.CreateRequest(), urn)
      .setProperties(toStruct(inputs, bare))
      .setTimeout(timeout);
    const response = await this.#call("create", request);
    return { id: response.getId(), properties: markSecrets(fromStruct(response.getProperties()), inputs) };
  }

  async read({ urn, id, inputs, outputs = {} }: KnownResource, timeout = 0): Promise<ReadAnswer> {
    const request = withUrn(new provider.ReadRequest(), urn)
      .setId(id)
      .setProperties(toStruct(outputs, bare))
      .setInputs(toStruct(inputs, bare));
    // Older SDKs have no such field.
    if (timeout > 0 && "setTimeout" in request) request.setTimeout(timeout);
    try {
      const response = await this.#call("read", request);
      return {
        id: response.getId(),
        properties: markSecrets(fromStruct(response.getProperties()), outputs),
        inputs: response.hasInputs() ? markSecrets(fromStruct(response.getInputs()), inputs) : undefined,
        initErrors: [],
      };
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      const properties = markSecrets(error.properties, outputs);
      return { id: error.id, properties, inputs: undefined, initErrors: error.reasons };
    }
  }

  /** @throws InitError if the resource was updated but is not healthy */
  async update(
    old: KnownResource,
    news: PropertyMap,
    { timeout = 0, ignoreChanges }: { timeout?: number | undefined; ignoreChanges: readonly string[] },
  ): Promise<PropertyMap> {
    const request = withUrn(new provider.UpdateRequest(), old.urn)
      .setId(old.id)
      .setOlds(toStruct(old.outputs ?? {}, bare))
      .setNews(toStruct(news, bare))
      .setOldInputs(toStruct(old.inputs, bare))
      .setTimeout(timeout)
      .setIgnorechangesList([...ignoreChanges]);
    const response = await this.#call("update", request);
    return markSecrets(fromStruct(response.getProperties()), news);
  }

  async delete(old: KnownResource, timeout = 0): Promise<void> {
    const request = withUrn(new provider.DeleteRequest(), old.urn)
      .setId(old.id)
      .setProperties(toStruct(old.outputs ?? {}, bare))
      .setOldInputs(toStruct(old.inputs, bare))
      .setTimeout(timeout);
    await this.#call("delete", request);
  }

  /** Asks the provider to cancel its work. The dynamic host answers and does nothing. */
  async cancel(): Promise<void> {
    if (this.#process.hasExited()) return;
    await this.#call("cancel", emptyMessage()).catch(() => undefined);
  }

  /** Stops the process with SIGINT, and with SIGKILL after 5 s. Running calls fail immediately. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#runningCalls === 0) this.#process.finish();
    else this.#process.signal("SIGINT");
    await ended(this.#process);
    this.#client.close();
  }

  async #callIfImplemented<M extends Method>(method: M, request: RequestOf<M>): Promise<void> {
    await this.#call(method, request).catch((error: unknown) => {
      if (!(isServiceError(error) && error.code === grpc.status.UNIMPLEMENTED)) throw error;
    });
  }

  async #call<M extends Method>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    const client = this.#client;
    const onCall = this.#onCall;
    const name = method.charAt(0).toUpperCase() + method.slice(1);
    const call = { order: callCount++, method: name, request: onCall === undefined ? {} : messageToJson(request) };
    const send = client[method] as unknown as Unary<RequestOf<M>, ResponseOf<M>>;
    this.#runningCalls++;
    try {
      // Wait for the output that precedes the answer, because it may explain the answer.
      const response = await callUnary<ResponseOf<M>>(
        (done) => send.call(client, request, done),
        this.#stopping.signal,
      ).finally(() => this.#process.flushOutput());
      onCall?.({ ...call, response: messageToJson(response) });
      return response;
    } catch (error) {
      onCall?.({ ...call, error: error instanceof Error ? error.message : String(error) });
      if (!isServiceError(error)) throw error;
      if (error.code === grpc.status.UNAVAILABLE) throw await this.#describeLoss(name, error);
      throw initErrorOf(error) ?? (error.code === grpc.status.UNKNOWN ? new Error(error.details) : error);
    } finally {
      this.#runningCalls--;
    }
  }

  async #describeLoss(name: string, error: ServiceError): Promise<Error> {
    // The connection ends shortly before the exit is known.
    const exit = await Promise.race([
      this.#process.exited,
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1_000).unref()),
    ]);
    const reason = exit === undefined ? error.details : describeExit(exit);
    return new Error(`the provider process died while ${name} was running: ${reason}`);
  }
}

/** Waits until a process has ended, and kills it after 5 s. */
async function ended(process: RunningProcess): Promise<void> {
  const timer = setTimeout(() => process.kill(), killDelayMs);
  await process.exited.catch(() => undefined);
  clearTimeout(timer);
  // Kills what the provider started too.
  process.kill();
}

function withUrn<
  R extends { setUrn(urn: string): unknown; setName(name: string): unknown; setType(type: string): unknown },
>(request: R, urn: string): R {
  request.setUrn(urn);
  request.setName(nameOf(urn));
  request.setType(typeOf(urn));
  return request;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "metadata" in error;
}

function initErrorOf(error: ServiceError): InitError | undefined {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!(details instanceof Uint8Array)) return undefined;
  const any = Status.deserializeBinary(details)
    .getDetailsList()
    .find((detail) => detail.getTypeUrl().endsWith("pulumirpc.ErrorResourceInitFailed"));
  if (any === undefined) return undefined;
  const failed = provider.ErrorResourceInitFailed.deserializeBinary(any.getValue_asU8());
  return new InitError(failed.getId(), fromStruct(failed.getProperties()), failed.getReasonsList());
}
