/** Serves the provider to the engine that starts this process with its address, and prints the port. */
import type { AddressInfo } from "node:net";
import { create, type Message } from "@bufbuild/protobuf";
import { systemClock } from "../../util/clock.js";
import { EngineConnection } from "./engine.js";
import { ResourceProvider } from "./gen/pulumi/provider_pb.js";
import { createGrpcServer, type Handle, statusOf, unimplemented } from "./grpc.js";
import { type NativePackage, NativeProvider } from "./provider.js";

/** Starts the provider. @param args the command line: options, and the address of the engine */
export function serve(content: NativePackage, args: readonly string[]): void {
  const engine = new EngineConnection(systemClock, () => process.exit(1));
  const [address = ""] = args.filter((arg) => !arg.startsWith("-"));
  engine.connect(address);
  const server = createGrpcServer(ResourceProvider, handleWith(new NativeProvider(content, engine), engine));
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
}

/** Calls the methods of a provider. A response waits until the engine has heard every line. */
export function handleWith(provider: NativeProvider, engine: EngineConnection): Handle {
  return async ({ name, localName, output }, request) => {
    const method = provider.methods[localName as keyof typeof provider.methods] as
      ((request: Message) => unknown) | undefined;
    if (method === undefined) return unimplemented(name);
    try {
      const responses = [await method(request)].flat();
      return responses.map((response) => create(output, response as Record<string, unknown>));
    } catch (error) {
      const { type } = request as { type?: string };
      return statusOf(error, await provider.outputsFor(type ?? "").catch(() => (state: object) => state));
    } finally {
      await engine.flush();
    }
  };
}
