/** gRPC with the SDK's own messages. */
import { createRequire } from "node:module";
import type {
  ChannelOptions,
  handleUnaryCall,
  ServiceDefinition,
  ServiceError,
  status,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type * as emptyModule from "google-protobuf/google/protobuf/empty_pb";
import type * as structModule from "google-protobuf/google/protobuf/struct_pb";
import { fromWireMap, toWireMap, type Json, type PropertyMap, type WireOptions } from "../state/property-values.js";

// The SDK's messages and services work only with its own copies of gRPC and protobuf, which this package may not find.
const sdkRequire = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc = sdkRequire("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
const struct = sdkRequire("google-protobuf/google/protobuf/struct_pb.js") as typeof structModule;
const empty = sdkRequire("google-protobuf/google/protobuf/empty_pb.js") as typeof emptyModule;

export type Struct = structModule.Struct;
export type Empty = emptyModule.Empty;

/** Serialized providers may be large, so messages have no size limit. */
const channelOptions: ChannelOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
};

export function emptyMessage(): Empty {
  return new empty.Empty();
}

/** Writes properties as a struct. */
export function toStruct(map: PropertyMap, options: WireOptions): Struct {
  return struct.Struct.fromJavaScript(toWireMap(map, options));
}

/** Reads the properties of a struct. `dependencies` collects the URNs that output values name, by property. */
export function fromStruct(message: Struct | undefined, dependencies?: Map<string, Set<string>>): PropertyMap {
  const json = (message?.toJavaScript() ?? {}) as Record<string, Json>;
  if (dependencies === undefined) return fromWireMap(json);
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(json)) {
    const named = new Set<string>();
    Object.assign(result, fromWireMap({ [key]: value }, named));
    dependencies.set(key, named);
  }
  return result;
}

/** Makes one unary call. Aborting the signal cancels it. */
export function callUnary<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => { cancel(): void },
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const running = start((error, response) => {
      signal.removeEventListener("abort", cancel);
      if (error === null) resolve(response);
      else reject(error);
    });
    const cancel = (): void => running.cancel();
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
}

/** Credentials and options of a client on this machine. */
export const clientOptions = { credentials: grpc.credentials.createInsecure(), options: channelOptions };

/** Turns a function into a unary method of a server. */
export function unary<Request, Response>(
  handle: (request: Request) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return ({ request }, callback) => {
    void (async () => handle(request))().then(
      (response) => callback(null, response),
      (error: unknown) => {
        const code = error instanceof RpcError ? error.code : grpc.status.UNKNOWN;
        callback({ code, details: error instanceof Error ? error.message : String(error) });
      },
    );
  };
}

/** An error that a gRPC peer receives with its own code. */
export class RpcError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

/** A gRPC server on a free port of this machine. */
export interface RunningServer {
  readonly address: string;
  stop(): void;
}

/** Starts a server with the given services. */
export async function serve(
  services: readonly (readonly [ServiceDefinition, UntypedServiceImplementation])[],
): Promise<RunningServer> {
  const server = new grpc.Server(channelOptions);
  for (const [definition, implementation] of services) server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

export { grpc };
export type { ServiceError, UntypedServiceImplementation };
