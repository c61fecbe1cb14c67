/** The dynamic host, or a plugin, in a process of its own, called over gRPC like the Pulumi engine calls it. */
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import {
  containsUnknown,
  markSecrets,
  withoutSecrets,
  type PropertyMap,
  type WireOptions,
} from "../state/property-values.js";
import { dynamicPackage, nameOf, packageOfProvider, typeOf } from "../state/urn.js";
import { describeExit, startNode, type RunningProcess, type StartProcess } from "./child-process.js";
import { callUnary, clientOptions, emptyMessage, fromStruct, grpc, type ServiceError, toStruct } from "./grpc.js";
import { messageToJson, type ProviderCall } from "./provider-call.js";
import type { ProviderCommand } from "./provider-command.js";

/** The resource was created or updated but is not healthy. The state keeps its id and properties. */
export class InitError extends Error {
  constructor(
    readonly id: string,
    readonly properties: PropertyMap,
    readonly reasons: readonly string[],
    /** Only a read answers inputs. */
    readonly inputs?: PropertyMap,
  ) {
    const count = reasons.length === 1 ? "1 error occurred" : `${reasons.length} errors occurred`;
    super(`${count}:\n${reasons.map((reason) => `\t* ${reason}\n`).join("")}\n`);
  }
}

export interface ProviderHostOptions {
  readonly startProcess: StartProcess;
  readonly command: ProviderCommand;
  /** The program's folder. */
  readonly programDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly engineAddress: string;
  readonly onLog: (severity: "info" | "info#err", line: string) => void;
  /** Called after each call to the provider. */
  readonly onCall: ((call: ProviderCall) => void) | undefined;
}

interface AttachOptions extends Pick<ProviderHostOptions, "engineAddress" | "onCall"> {
  /** What the process printed that nobody has seen. It explains why the process ended. */
  readonly output?: readonly string[];
}

interface ChangeOptions {
  /** In seconds. */
  readonly timeout?: number | undefined;
  readonly preview: boolean;
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
  /** The properties that changed, if the provider names them. */
  readonly diffs: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** A resource that a provider created, updated or read. */
export interface Answered {
  readonly id: string;
  readonly properties: PropertyMap;
  /** Whether the next operation must read the resource first. */
  readonly refreshBeforeUpdate: boolean;
}

/** The answer of a read. An empty id means that the resource is gone. */
export interface ReadAnswer extends Answered {
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
  readonly invoke: Unary<provider.InvokeRequest, provider.InvokeResponse>;
  readonly cancel: Unary<Empty, Empty>;
}

type Method = keyof ProviderMethods;
type RequestOf<M extends Method> = Parameters<ProviderMethods[M]>[0];
type ResponseOf<M extends Method> = ProviderMethods[M] extends Unary<never, infer Response> ? Response : never;

/** The provider methods that the engine calls: over gRPC, or in the same process in a test. */
export interface ProviderClient extends ProviderMethods {
  close(): void;
}

/** Properties of a provider that accepts nothing special. Its configuration may have marked secrets all the same. */
const bare = { secrets: false, references: false };
const noDifference = { diffs: [], replaces: [], deleteBeforeReplace: false };
const startTimeoutMs = 60_000;
const killDelayMs = 5_000;
let callCount = 0;

/**
 * One provider process. Unless it accepts secrets, its answers mark as secret what was secret in the values that the
 * engine sent. Without a known configuration it is not asked: previews then only know the inputs.
 */
export class ProviderHost {
  readonly #stopping = new AbortController();
  readonly #process: RunningProcess;
  readonly #client: ProviderClient;
  readonly #onCall: ProviderHostOptions["onCall"];
  readonly #output: readonly string[];
  #runningCalls = 0;
  #stopped: Promise<void> | undefined;
  /** From Handshake, or else from Configure. */
  #features: { readonly wire: WireOptions; readonly previews: boolean } | undefined;
  #isConfigKnown = true;

  constructor(process: RunningProcess, client: ProviderClient, options: AttachOptions) {
    this.#process = process;
    this.#client = client;
    this.#onCall = options.onCall;
    this.#output = options.output ?? [];
  }

  /** Starts a process. */
  static start(options: ProviderHostOptions): StartedProvider {
    const { script, args, isPlugin } = options.command;
    const port = Promise.withResolvers<string>();
    let isReady = false;
    const errors: string[] = [];
    const hidden: string[] = [];
    const show = (severity: "info" | "info#err", line: string): void => {
      if (isPlugin) hidden.push(line);
      else options.onLog(severity, line);
    };
    const start = isPlugin ? startNode : options.startProcess;
    const child = start({
      cwd: options.programDirectory,
      script,
      args: [...args, options.engineAddress],
      env: options.env,
      onStdout: (line) => {
        if (isReady) return show("info", line);
        isReady = true;
        port.resolve(line.trim());
      },
      onStderr: (line) => {
        if (!isReady) errors.push(line);
        show("info#err", line);
      },
    });
    const timer = setTimeout(() => child.kill(), startTimeoutMs);
    const failed = child.exited.then((exit) => {
      const name = isPlugin ? script : "the dynamic provider process";
      throw new Error([`could not start ${name}: ${describeExit(exit)}`, ...errors].join("\n"));
    });
    const listening = Promise.race([port.promise, failed]).finally(() => clearTimeout(timer));
    listening.catch(() => undefined);
    return {
      attach: async () => {
        const address = `127.0.0.1:${await listening}`;
        const client = new ResourceProviderClient(address, clientOptions.credentials, clientOptions.options);
        return ProviderHost.attach(child, client, { ...options, output: hidden });
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
  static async attach(process: RunningProcess, client: ProviderClient, options: AttachOptions): Promise<ProviderHost> {
    const host = new ProviderHost(process, client, options);
    const handshake = new provider.ProviderHandshakeRequest()
      .setEngineAddress(options.engineAddress)
      .setConfigureWithUrn(true)
      .setSupportsViews(true)
      .setSupportsRefreshBeforeUpdate(true)
      .setInvokeWithPreview(true);
    const accepted = await host.#callIfImplemented("handshake", handshake);
    if (accepted !== undefined) {
      const wire = { secrets: accepted.getAcceptSecrets(), references: accepted.getAcceptResources() };
      host.#features = { wire, previews: true };
    }
    await host.#call("getPluginInfo", emptyMessage());
    return host;
  }

  get #wire(): WireOptions {
    return this.#features?.wire ?? bare;
  }

  /** Whether previews ask the provider for outputs. Otherwise they know only the inputs. */
  get #previews(): boolean {
    return this.#isConfigKnown && this.#features?.previews === true;
  }

  /** Lets the provider check its own configuration. The dynamic host leaves that to the engine. */
  async checkConfig(urn: string, olds: PropertyMap, news: PropertyMap): Promise<CheckAnswer> {
    const request = withUrn(new provider.CheckRequest(), urn)
      .setOlds(toStruct(olds, bare))
      .setNews(toStruct(news, bare));
    const response = await this.#callIfImplemented("checkConfig", request);
    return response === undefined ? { inputs: news, failures: [] } : checkAnswerOf(response, news);
  }

  /** Lets the provider compare its own configuration. The dynamic host leaves that to the engine. */
  async diffConfig({ urn, inputs, outputs = {} }: Omit<KnownResource, "id">, news: PropertyMap): Promise<DiffAnswer> {
    const request = withUrn(new provider.DiffRequest(), urn)
      .setOlds(toStruct(outputs, bare))
      .setNews(toStruct(news, bare))
      .setOldInputs(toStruct(inputs, bare));
    const response = await this.#callIfImplemented("diffConfig", request);
    return response === undefined ? { ...noDifference, changes: "unknown" } : diffAnswerOf(response);
  }

  async configure(urn: string, id: string, args: PropertyMap): Promise<void> {
    this.#isConfigKnown = !containsUnknown(args);
    if (!this.#isConfigKnown) return;
    const request = withUrn(new provider.ConfigureRequest(), urn)
      .setId(id)
      .setArgs(toStruct(args, { secrets: true, references: false }))
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSendsOldInputs(true)
      .setSendsOldInputsToDelete(true);
    const packageName = packageOfProvider(typeOf(urn));
    if (packageName !== dynamicPackage) {
      const variables = request.getVariablesMap();
      for (const [key, value] of Object.entries(args)) {
        const bareValue = withoutSecrets(value);
        const text = typeof bareValue === "string" ? bareValue : JSON.stringify(bareValue);
        variables.set(`${packageName}:config:${key}`, text);
      }
    }
    const response = await this.#call("configure", request);
    const wire = { secrets: response.getAcceptsecrets(), references: response.getAcceptresources() };
    this.#features ??= { wire, previews: response.getSupportspreview() };
  }

  async check(urn: string, olds: PropertyMap, news: PropertyMap, randomSeed: Uint8Array): Promise<CheckAnswer> {
    if (!this.#isConfigKnown) return { inputs: news, failures: [] };
    const request = withUrn(new provider.CheckRequest(), urn)
      .setOlds(toStruct(olds, this.#wire))
      .setNews(toStruct(news, this.#wire))
      .setRandomseed(randomSeed);
    return checkAnswerOf(await this.#call("check", request), this.#secretsIn(news));
  }

  async diff(old: KnownResource, news: PropertyMap, ignoreChanges: readonly string[]): Promise<DiffAnswer> {
    if (!this.#isConfigKnown) return { ...noDifference, changes: "unknown" };
    const request = withUrn(new provider.DiffRequest(), old.urn)
      .setId(old.id)
      .setOlds(toStruct(old.outputs ?? {}, this.#wire))
      .setNews(toStruct(news, this.#wire))
      .setOldInputs(toStruct(old.inputs, this.#wire))
      .setIgnorechangesList([...ignoreChanges]);
    return diffAnswerOf(await this.#call("diff", request));
  }

  /** @throws InitError if the resource was created but is not healthy */
  async create(urn: string, inputs: PropertyMap, { timeout = 0, preview }: ChangeOptions): Promise<Answered> {
    if (preview && !this.#previews) return { id: "", properties: inputs, refreshBeforeUpdate: false };
    const request = withUrn(new provider.CreateRequest(), urn)
      .setProperties(toStruct(inputs, this.#wire))
      .setTimeout(timeout)
      .setPreview(preview);
    const response = await this.#call("create", request);
    return { id: response.getId(), ...this.#answered(response, inputs) };
  }

  /** Reads a resource: for an import without inputs, for a `get` with empty ones. */
  async read(
    { urn, id, inputs, outputs = {} }: Omit<KnownResource, "inputs"> & Partial<KnownResource>,
    timeout = 0,
  ): Promise<ReadAnswer> {
    if (!this.#isConfigKnown) return { id, properties: {}, inputs: {}, initErrors: [], refreshBeforeUpdate: false };
    const request = withUrn(new provider.ReadRequest(), urn).setId(id);
    if (inputs !== undefined)
      request.setProperties(toStruct(outputs, this.#wire)).setInputs(toStruct(inputs, this.#wire));
    // Older SDKs have no such field.
    if (timeout > 0 && "setTimeout" in request) request.setTimeout(timeout);
    try {
      const response = await this.#call("read", request);
      const found = response.hasInputs() ? fromStruct(response.getInputs()) : undefined;
      return {
        id: response.getId(),
        ...this.#answered(response, outputs),
        inputs: found && markSecrets(found, this.#secretsIn(inputs)),
        initErrors: [],
      };
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      return {
        id: error.id,
        properties: markSecrets(error.properties, this.#secretsIn(outputs)),
        inputs: error.inputs && markSecrets(error.inputs, this.#secretsIn(inputs)),
        initErrors: error.reasons,
        refreshBeforeUpdate: false,
      };
    }
  }

  /** @throws InitError if the resource was updated but is not healthy */
  async update(
    old: KnownResource,
    news: PropertyMap,
    { timeout = 0, preview, ignoreChanges }: ChangeOptions & { readonly ignoreChanges: readonly string[] },
  ): Promise<Answered> {
    if (preview && !this.#previews) return { id: old.id, properties: news, refreshBeforeUpdate: false };
    const request = withUrn(new provider.UpdateRequest(), old.urn)
      .setId(old.id)
      .setOlds(toStruct(old.outputs ?? {}, this.#wire))
      .setNews(toStruct(news, this.#wire))
      .setOldInputs(toStruct(old.inputs, this.#wire))
      .setTimeout(timeout)
      .setPreview(preview)
      .setIgnorechangesList([...ignoreChanges]);
    return { id: old.id, ...this.#answered(await this.#call("update", request), news) };
  }

  async delete(old: KnownResource, timeout = 0): Promise<void> {
    const request = withUrn(new provider.DeleteRequest(), old.urn)
      .setId(old.id)
      .setProperties(toStruct(old.outputs ?? {}, this.#wire))
      .setOldInputs(toStruct(old.inputs, this.#wire))
      .setTimeout(timeout);
    await this.#call("delete", request);
  }

  /** Calls a function. */
  async invoke(token: string, args: PropertyMap, preview: boolean): Promise<provider.InvokeResponse> {
    if (!this.#isConfigKnown) return new provider.InvokeResponse().setReturn(toStruct({}, bare));
    const request = new provider.InvokeRequest().setTok(token).setArgs(toStruct(args, this.#wire));
    // Older SDKs have no such field.
    request.setPreview?.(preview);
    return this.#call("invoke", request);
  }

  #answered(
    response: provider.CreateResponse | provider.UpdateResponse | provider.ReadResponse,
    sent: PropertyMap,
  ): Omit<Answered, "id"> {
    return {
      properties: markSecrets(fromStruct(response.getProperties()), this.#secretsIn(sent)),
      refreshBeforeUpdate: response.getRefreshBeforeUpdate(),
    };
  }

  /** The values whose secret marks an answer lacks. */
  #secretsIn(sent: PropertyMap = {}): PropertyMap {
    return this.#wire.secrets ? {} : sent;
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

  async #callIfImplemented<M extends Method>(method: M, request: RequestOf<M>): Promise<ResponseOf<M> | undefined> {
    return this.#call(method, request).catch((error: unknown) => {
      if (!(isServiceError(error) && error.code === grpc.status.UNIMPLEMENTED)) throw error;
      return undefined;
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
    return new Error([`the provider process died while ${name} was running: ${reason}`, ...this.#output].join("\n"));
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

function checkAnswerOf(response: provider.CheckResponse, secrets: PropertyMap): CheckAnswer {
  return {
    inputs: markSecrets(fromStruct(response.getInputs()), secrets),
    failures: response.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() })),
  };
}

function diffAnswerOf(response: provider.DiffResponse): DiffAnswer {
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  const changes = response.getChanges();
  return {
    changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
    diffs: response.getDiffsList(),
    replaces: response.getReplacesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
  };
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
  const inputs = failed.hasInputs() ? fromStruct(failed.getInputs()) : undefined;
  return new InitError(failed.getId(), fromStruct(failed.getProperties()), failed.getReasonsList(), inputs);
}
