/** Services of generated messages over gRPC. */
import {
  create,
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
import { Metadata, type MethodDefinition, type ServiceError, status } from "@grpc/grpc-js";
import { PartialFailure } from "../../lifecycle/failures.js";
import { ExpectedError } from "../../util/expected-error.js";
import { describeThrown } from "../../util/text.js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";
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

/** The methods of a service in the form of gRPC, by their local names. */
export function serviceDefinition(service: DescService): Record<string, MethodDefinition<Message, Message>> {
  const definitions = service.methods.map((method) => {
    const definition: MethodDefinition<Message, Message> = {
      path: `/${service.typeName}/${method.name}`,
      requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
      responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
      requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
      requestDeserialize: (bytes) => fromBinary(method.input, bytes),
      responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
      responseDeserialize: (bytes) => fromBinary(method.output, bytes),
    };
    return [method.localName, definition] as const;
  });
  return Object.fromEntries(definitions);
}

/**
 * An error as the engine wants it. A partial failure has the id and the state to keep in its details.
 * @param outputsOf the outputs to keep
 */
export function statusOf(
  error: unknown,
  outputsOf: (state: object) => object,
): Pick<ServiceError, "code" | "details"> & { metadata?: Metadata } {
  const code = status.UNKNOWN;
  const isExpected = error instanceof ExpectedError;
  const details = isExpected || !(error instanceof Error) ? describeThrown(error) : (error.stack ?? error.message);
  if (!(error instanceof PartialFailure)) return { code, details };
  const properties = encode(outputsOf(error.state));
  const kept = create(ErrorResourceInitFailedSchema, { id: error.id, properties, reasons: [details] });
  const full = create(StatusSchema, {
    code,
    message: details,
    details: [anyPack(ErrorResourceInitFailedSchema, kept)],
  });
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, full)));
  return { code, details, metadata };
}
