/** What the test engine costs beside the processes that a cycle of preview, up, preview and destroy has to start anyway. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceResponse, SetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  type RegisterResourceRequest,
  RegisterResourceResponse,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { ProviderProcess } from "../support/provider-process";
import { type Bench, consumer, startBench, succeed } from "../support/warm-pools";
import { inPairs, type Row } from "./row";

const pairs = 7;
const target = 1.3;
const programs = 3;
const hosts = 4;

/** CPU milliseconds of this process's children that have ended, and of their children. */
function childrenCpu(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  const clockTicksPerSecond = 100;
  return ((Number(fields[13]) + Number(fields[14])) * 1_000) / clockTicksPerSecond;
}

/** CPU milliseconds of a whole cycle of one pool: the engine and all its processes. */
async function cycle(bench: Bench): Promise<number> {
  const [own, children] = [process.cpuUsage(), childrenCpu()];
  await succeed(bench.stack.preview());
  await succeed(bench.stack.up());
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  await succeed(bench.stack.destroy());
  const { user, system } = process.cpuUsage(own);
  return (user + system) / 1_000 + childrenCpu() - children;
}

/** CPU milliseconds of the same processes with nothing to do: each program declares its pool to a monitor that says yes, each host opens its port. */
async function bareStarts(folder: string): Promise<number> {
  const before = childrenCpu();
  const monitor = await startYesMonitor();
  try {
    for (let n = 0; n < programs; n++) await runProgram(folder, monitor.address);
    for (let n = 0; n < hosts; n++) await (await ProviderProcess.start({}, compileCache()))[Symbol.asyncDispose]();
  } finally {
    monitor.close();
  }
  return childrenCpu() - before;
}

async function runProgram(folder: string, address: string): Promise<void> {
  const runner = require.resolve("@pulumi/pulumi/cmd/run", { paths: [consumer()] });
  const args = [
    "--monitor",
    address,
    "--engine",
    address,
    "--project",
    "pools",
    "--stack",
    "dev",
    "--pwd",
    folder,
    "--parallel",
    "4",
    "./index.js",
  ];
  const env = { ...process.env, ...compileCache() };
  const program = spawn(process.execPath, [runner, ...args], { cwd: folder, stdio: "ignore", env });
  const [code] = (await once(program, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the program ended with ${code}`);
}

/** Both sides start their processes from the same compiled code. */
const compileCache = () => ({ NODE_COMPILE_CACHE: join(consumer(), ".compile-cache") });

/** The least monitor: every resource is there, as it was declared. */
async function startYesMonitor(): Promise<{ address: string; close(): void }> {
  const server = new Server();
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

/** A service whose methods answer what is given, and an empty message otherwise. */
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

/** The figure of `npm run bench` about the test engine. */
export const rows: readonly Row[] = [
  {
    figure: "test engine, preview-up-preview-destroy of one pool (CPU ms), over the start of its processes",
    target: `at most ${target}`,
    async measure() {
      await using bench = await startBench();
      bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
      const measured = await inPairs(
        pairs,
        () => cycle(bench),
        () => bareStarts(bench.folder),
        (ours, floor) => ours / floor,
      );
      return { ...measured, ok: measured.ratio <= target };
    },
  },
];
