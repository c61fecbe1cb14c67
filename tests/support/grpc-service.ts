/** The native provider's service in the form of gRPC's package, which the plugin doesn't use. */
import { type DescService, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { Metadata, type MethodDefinition, type sendUnaryData } from "@grpc/grpc-js";
import { type Status, StatusSchema } from "../../src/hosts/native/gen/google/rpc/status_pb.js";
import type { Handle } from "../../src/hosts/native/grpc.js";

/** The methods of a service, by their local names. */
export function serviceDefinition(service: DescService): Record<string, MethodDefinition<Message, Message>> {
  const definitions = service.methods.map((method) => {
    const definition: MethodDefinition<Message, Message> = {
      path: `/${service.typeName}/${method.name}`,
      requestStream: false,
      responseStream: method.methodKind === "server_streaming",
      requestSerialize: (message) => Buffer.from(toBinary(method.input, message)),
      requestDeserialize: (bytes) => fromBinary(method.input, bytes),
      responseSerialize: (message) => Buffer.from(toBinary(method.output, message)),
      responseDeserialize: (bytes) => fromBinary(method.output, bytes),
    };
    return [method.localName, definition] as const;
  });
  return Object.fromEntries(definitions);
}

/** The implementation of the unary methods. */
export function unaryHandlers(service: DescService, handle: Handle) {
  const handlers = service.methods.map((method) => {
    const respond = async ({ request }: { readonly request: Message }, callback: sendUnaryData<Message>) => {
      const answered = await handle(method, request);
      if ("code" in answered) callback(errorOf(answered));
      else callback(null, answered[0]);
    };
    return [method.localName, respond] as const;
  });
  return Object.fromEntries(handlers);
}

function errorOf(status: Status) {
  const metadata = new Metadata();
  if (status.details.length > 0) metadata.add("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, status)));
  return { code: status.code, details: status.message, metadata };
}
