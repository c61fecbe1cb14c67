/** The real process of the native plugin, called over gRPC as the Pulumi engine does. */
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  create,
  type DescService,
  fromBinary,
  type JsonObject,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Client, credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { StatusSchema } from "../../src/hosts/native/gen/google/rpc/status_pb.js";
import { Engine, type LogRequest, LogSeverity } from "../../src/hosts/native/gen/pulumi/engine_pb.js";
import {
  type ErrorResourceInitFailed,
  ErrorResourceInitFailedSchema,
  ResourceProvider,
} from "../../src/hosts/native/gen/pulumi/provider_pb.js";
import { serviceDefinition } from "../../src/hosts/native/grpc.js";
import { spawnNode, type NodeProcess } from "./spawn-node.js";
import { consumer } from "./warm-pools.js";

type Service = typeof ResourceProvider.method;
type Request<Name extends keyof Service> = MessageInitShape<Service[Name]["input"]>;
type Response<Name extends keyof Service> = MessageShape<Service[Name]["output"]>;

/** Pulumi's marker for an unknown value of any type. */
export const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value that the engine has marked as secret. */
export const secretOf = (value: string): JsonObject => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

/** A plugin process and the engine that it reports to. */
export class NativePlugin implements AsyncDisposable {
  private constructor(
    readonly process: NodeProcess,
    /** What the plugin told the engine: `WARNING: text`, or `INFO~` for a line that the next one replaces. */
    readonly said: string[],
    readonly engine: Server,
    private readonly lines: EventEmitter,
    private readonly client: Client,
  ) {}

  /** Starts an engine and a plugin, and configures it. */
  static async start(config: JsonObject = {}, env: NodeJS.ProcessEnv = {}, isPlain = false): Promise<NativePlugin> {
    const said: string[] = [];
    const lines = new EventEmitter();
    const engine = new Server();
    engine.addService(only(Engine, "log"), {
      log: (call: { request: LogRequest }, callback: (error: null, response: object) => void) => {
        const { severity, ephemeral, message } = call.request;
        said.push(`${LogSeverity[severity]}${ephemeral ? "~" : ""}: ${message}`);
        lines.emit("line");
        callback(null, create(Engine.method.log.output));
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const script = join(consumer(), "node_modules/pulumi-ona/dist/plugin/pulumi-resource-ona");
    const child = spawnNode([script, `127.0.0.1:${port}`], { env: { ...process.env, ...env }, isPlain });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const client = new Client(`127.0.0.1:${line}`, credentials.createInsecure());
    const plugin = new NativePlugin(child, said, engine, lines, client);
    await plugin.call("handshake", { engineAddress: `127.0.0.1:${port}` });
    await plugin.call("configure", { args: config });
    return plugin;
  }

  /** Waits until the plugin has said something. */
  async hears(pattern: RegExp): Promise<void> {
    while (!this.said.some((line) => pattern.test(line))) await once(this.lines, "line");
  }

  /** Calls a method. Fails as the engine sees it. */
  call<Name extends keyof Service>(name: Name, request: Request<Name>): Promise<Response<Name>> {
    const method = serviceDefinition(ResourceProvider)[name];
    if (method === undefined) throw new Error(`there is no method ${name}`);
    const message: Message = create(ResourceProvider.method[name].input, request as never);
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        message,
        (error, response) => (error === null ? resolve(response as Response<Name>) : reject(error as Error)),
      );
    });
  }

  /** Calls a method that streams its responses. */
  async stream<Name extends keyof Service>(name: Name, request: Request<Name>): Promise<Response<Name>[]> {
    const method = serviceDefinition(ResourceProvider)[name];
    if (method === undefined) throw new Error(`there is no method ${name}`);
    const message: Message = create(ResourceProvider.method[name].input, request as never);
    const { path, requestSerialize, responseDeserialize } = method;
    return this.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, message).toArray() as never;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    this.engine.forceShutdown();
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, "exit");
    this.process.kill();
    await exited;
  }
}

/** Returns what the engine would keep after a failed call. Undefined if that is nothing. */
export async function keptBy(call: Promise<unknown>): Promise<ErrorResourceInitFailed> {
  const error = await call.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason as ServiceError,
  );
  const [bytes] = "metadata" in error ? error.metadata.get("grpc-status-details-bin") : [];
  if (!Buffer.isBuffer(bytes)) throw error;
  const [detail] = fromBinary(StatusSchema, bytes).details;
  const kept = detail && anyUnpack(detail, ErrorResourceInitFailedSchema);
  if (kept === undefined) throw error;
  return kept;
}

/** The definition of one method of a service. */
function only(service: DescService, name: string) {
  const definition = serviceDefinition(service)[name];
  if (definition === undefined) throw new Error(`there is no method ${name}`);
  return { [name]: definition };
}
