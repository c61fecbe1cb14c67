/** gRPC over HTTP/2, for messages of generated services. Its usual package loads more slowly than all of our code. */
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";
import {
  create,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { PartialFailure } from "../../lifecycle/failures.js";
import { ExpectedError } from "../../util/expected-error.js";
import { describeThrown } from "../../util/text.js";
import { type Status, StatusSchema } from "./gen/google/rpc/status_pb.js";
import { ErrorResourceInitFailedSchema } from "./gen/pulumi/provider_pb.js";
import { encode } from "./values.js";

/** The implementation of methods, by their local names. Those that stream their responses return all of them. */
export type Methods<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]?: Service["method"][Name] extends DescMethodUnary<infer In, infer Out>
    ? (request: MessageShape<In>) => MessageInitShape<Out> | Promise<MessageInitShape<Out>>
    : Service["method"][Name] extends DescMethodServerStreaming<infer In, infer Out>
      ? (request: MessageShape<In>) => Promise<readonly MessageInitShape<Out>[]>
      : never;
};

/** The codes of gRPC that we send. */
const codes = { unknown: 2, unimplemented: 12 };

/** The headers of each request and response. */
export const grpcHeaders = { "content-type": "application/grpc" };

export const pathOf = (method: DescMethod) => `/${method.parent.typeName}/${method.name}`;

/** Calls a method. Resolves to its responses, or to the status of a call that failed. */
export type Handle = (method: DescMethod, request: Message) => Promise<readonly Message[] | Status>;

/** Creates a server of a service. */
export function createGrpcServer(service: DescService, handle: Handle): Http2Server {
  const methods = new Map(service.methods.map((method) => [pathOf(method), method]));
  const answer = async (stream: ServerHttp2Stream, path: string) => {
    const method = methods.get(path);
    if (method === undefined) return unimplemented(path);
    const answered = await handle(method, fromBinary(method.input, await readMessage(stream)));
    return "code" in answered ? answered : answered.map((message) => frame(toBinary(method.output, message)));
  };
  const respond = async (stream: ServerHttp2Stream, path: string) => {
    const answered = await answer(stream, path);
    if (stream.destroyed) return;
    const [responses, status] = "code" in answered ? [[], answered] : [answered, create(StatusSchema)];
    stream.respond({ ":status": 200, ...grpcHeaders }, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers(trailersOf(status)));
    stream.end(Buffer.concat(responses));
  };
  // Messages of the engine have no limit.
  const noLimit = Number.MAX_SAFE_INTEGER;
  const server = createServer({ maxSessionMemory: noLimit, maxSendHeaderBlockLength: noLimit });
  return server.on("stream", (stream, headers) => {
    // The engine has canceled the call, or is gone.
    stream.on("error", () => undefined);
    respond(stream, headers[":path"] ?? "").catch(() => stream.destroy());
  });
}

/** A message as gRPC sends it: not compressed, and with its length. */
export function frame(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

async function readMessage(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).subarray(5);
}

/** The status of a call of a method that doesn't exist. */
export function unimplemented(method: string): Status {
  return create(StatusSchema, { code: codes.unimplemented, message: `There is no method ${method}.` });
}

function trailersOf(status: Status): Record<string, string> {
  const bytes = Buffer.from(status.message).toString("latin1");
  const message = bytes.replace(/[^ -$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  const details = () => Buffer.from(toBinary(StatusSchema, status)).toString("base64");
  return {
    "grpc-status": String(status.code),
    ...(status.code === 0 ? {} : { "grpc-message": message }),
    ...(status.details.length === 0 ? {} : { "grpc-status-details-bin": details() }),
  };
}

/**
 * An error as the engine wants it. A partial failure has the id and the state to keep in its details.
 * @param outputsOf the outputs to keep
 */
export function statusOf(error: unknown, outputsOf: (state: object) => object): Status {
  const isExpected = error instanceof ExpectedError;
  const message = isExpected || !(error instanceof Error) ? describeThrown(error) : (error.stack ?? error.message);
  const status = create(StatusSchema, { code: codes.unknown, message });
  if (error instanceof PartialFailure) {
    const properties = encode(outputsOf(error.state));
    const kept = create(ErrorResourceInitFailedSchema, { id: error.id, properties, reasons: [message] });
    status.details.push(anyPack(ErrorResourceInitFailedSchema, kept));
  }
  return status;
}
