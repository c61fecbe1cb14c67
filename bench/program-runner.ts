/** Runs a Pulumi program with the SDK's own runner against a minimal monitor, which registers every resource as declared. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceResponse, SetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  type RegisterResourceRequest,
  RegisterResourceResponse,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { spawnNode } from "../tests/support/spawn-node.js";
import { consumer } from "../tests/support/warm-pools.js";

/** CPU milliseconds of the child processes that have ended, including their own children. */
export function childrenCpu(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  const clockTicksPerSecond = 100;
  return ((Number(fields[13]) + Number(fields[14])) * 1_000) / clockTicksPerSecond;
}

/** Runs the program in a folder against a monitor. @param isPlain as in {@link spawnNode} */
export async function runProgram(
  folder: string,
  address: string,
  nodeArgs: readonly string[] = [],
  isPlain = false,
): Promise<void> {
  const runner = require.resolve("@pulumi/pulumi/cmd/run", { paths: [consumer()] });
  const args = [
    ...nodeArgs,
    runner,
    ...["--monitor", address],
    ...["--engine", address],
    ...["--project", "pools"],
    ...["--stack", "dev"],
    ...["--pwd", folder],
    ...["--parallel", "4"],
    "./index.js",
  ];
  const program = spawnNode(args, { cwd: folder, isPlain });
  program.stdout.resume();
  program.stderr.resume();
  const [code] = (await once(program, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the program in ${folder} ended with ${code}`);
}

/** A monitor that accepts everything. */
export interface MinimalMonitor {
  readonly address: string;
  close(): void;
}

/** Starts the monitor on a free port. */
export async function startMinimalMonitor(): Promise<MinimalMonitor> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(
    ...answering(ResourceMonitorService, {
      supportsFeature: () => new SupportsFeatureResponse().setHassupport(true),
      registerResource: (request: RegisterResourceRequest) =>
        new RegisterResourceResponse()
          .setUrn(`urn:pulumi:dev::pools::${request.getType()}::${request.getName()}`)
          .setId(request.getCustom() ? "id" : "")
          .setObject(request.getObject()),
    }),
  );
  server.addService(
    ...answering(EngineService, {
      getRootResource: () => new GetRootResourceResponse(),
      setRootResource: () => new SetRootResourceResponse(),
    }),
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

type Answer = (request: never) => object;

/** A service that returns the given responses, and an empty message from every other method. */
function answering(
  service: object,
  answers: Record<string, Answer>,
): [ServiceDefinition, Record<string, UntypedHandleCall>] {
  const definition = service as ServiceDefinition & Record<string, { responseType: new () => object }>;
  const handlers = Object.entries(definition).map(([name, { responseType }]) => {
    const handle = (call: { request: never }, callback: (error: null, answer: object) => void) =>
      callback(null, answers[name]?.(call.request) ?? new responseType());
    return [name, handle as unknown as UntypedHandleCall] as const;
  });
  return [definition, Object.fromEntries(handlers)];
}
