/** Serves the provider to the engine that starts this process with its address, and prints the port. */
import { create, type Message } from "@bufbuild/protobuf";
import {
  type handleUnaryCall,
  Server,
  type sendUnaryData,
  ServerCredentials,
  type ServerUnaryCall,
} from "@grpc/grpc-js";
import { EngineConnection } from "./engine.js";
import { ResourceProvider } from "./gen/pulumi/provider_pb.js";
import { serviceDefinition, statusOf } from "./grpc.js";
import { type NativePackage, NativeProvider } from "./provider.js";

/** Starts the provider. @param args the command line: options, and the address of the engine */
export function serve(content: NativePackage, args: readonly string[]): void {
  const engine = new EngineConnection(() => process.exit(1));
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
export function handlersOf(
  provider: NativeProvider,
  engine: EngineConnection,
): Record<string, handleUnaryCall<Message, Message>> {
  const handlers = ResourceProvider.methods.flatMap((method) => {
    const handle = provider.methods[method.localName as keyof typeof provider.methods] as
      ((request: Message) => unknown) | undefined;
    if (handle === undefined) return [];
    const respond = async (call: ServerUnaryCall<Message, Message>, callback: sendUnaryData<Message>) => {
      try {
        const response = await handle(call.request);
        await engine.flush();
        callback(null, create(method.output, response as Record<string, unknown>));
      } catch (error) {
        const { type } = call.request as { type?: string };
        const outputsOf = await provider.outputsFor(type ?? "").catch(() => (state: object) => state);
        await engine.flush();
        callback(statusOf(error, outputsOf));
      }
    };
    return [[method.localName, respond] as const];
  });
  return Object.fromEntries(handlers);
}
