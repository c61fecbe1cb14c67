/** Serves the provider to the engine that starts this process with its address, and prints the port. */
import { create, type Message } from "@bufbuild/protobuf";
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { systemClock } from "../../util/clock.js";
import { EngineConnection } from "./engine.js";
import { ResourceProvider } from "./gen/pulumi/provider_pb.js";
import { serviceDefinition, statusOf } from "./grpc.js";
import { type NativePackage, NativeProvider } from "./provider.js";

/** Starts the provider. @param args the command line: options, and the address of the engine */
export function serve(content: NativePackage, args: readonly string[]): void {
  const engine = new EngineConnection(systemClock, () => process.exit(1));
  const [address = ""] = args.filter((arg) => !arg.startsWith("-"));
  engine.connect(address);
  // Messages of the engine have no limit.
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(serviceDefinition(ResourceProvider), handlersOf(new NativeProvider(content, engine), engine));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.stdout.write(`${port}\n`);
  });
}

/** The methods of a provider as gRPC calls them. A response waits until the engine has heard every line. */
export function handlersOf(provider: NativeProvider, engine: EngineConnection): Record<string, UntypedHandleCall> {
  const handlers = ResourceProvider.methods.flatMap((method) => {
    const handle = provider.methods[method.localName as keyof typeof provider.methods] as
      ((request: Message) => unknown) | undefined;
    if (handle === undefined) return [];
    // The responses, or the status of a call that failed.
    const respond = async (request: Message) => {
      try {
        const responses = [await handle(request)].flat();
        return responses.map((response) => create(method.output, response as Record<string, unknown>));
      } catch (error) {
        const { type } = request as { type?: string };
        return statusOf(error, await provider.outputsFor(type ?? "").catch(() => (state: object) => state));
      } finally {
        await engine.flush();
      }
    };
    const unary = async (call: ServerUnaryCall<Message, Message>, callback: sendUnaryData<Message>) => {
      const outcome = await respond(call.request);
      if (Array.isArray(outcome)) callback(null, outcome[0]);
      else callback(outcome);
    };
    const streaming = async (call: ServerWritableStream<Message, Message>) => {
      const outcome = await respond(call.request);
      if (!Array.isArray(outcome)) return call.emit("error", outcome);
      for (const response of outcome) call.write(response);
      call.end();
    };
    return [[method.localName, method.methodKind === "server_streaming" ? streaming : unary] as const];
  });
  return Object.fromEntries(handlers);
}
