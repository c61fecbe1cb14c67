/** Fleets of warm pools for `npm run bench`, and the programs that declare them: with this package, as plain custom resources, and with the usual provider. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { createStack, type Stack, type StackOptions } from "../src/testing/engine/index.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../src/testing/simulator/index.js";
import { stubText } from "../src/program/stub.js";
import { warmPoolProperties } from "../src/warm-pool/properties.js";
import { writeProgram } from "../tests/support/consumer.js";
import { consumer, succeed } from "../tests/support/warm-pools.js";
import { compileCache } from "./program-runner.js";

/**
 * By what a fleet is declared. Plain resources have the same inputs and outputs, and the provider's text, without which no dynamic resource can be; not the name that ours
 * also sends for progress lines.
 */
export type Way = "ours" | "plain" | "usual";

/** Some pools over some projects. */
export interface Fleet {
  readonly projects: NonNullable<SimulatorOptions["projects"]>;
  readonly pools: readonly { readonly name: string; readonly args: object }[];
}

/** The engine's steps at once: that of the CLI on two processors. */
export const parallel = 8;

/** A fleet, always with the same ids. One project after the other, as programs declare them. */
export function fleetOf(pools: number, projects: number, more: object = {}): Fleet {
  const each = pools / projects;
  const all = Array.from({ length: projects }, (_, project) => ({
    id: idOf(project),
    name: `project-${project}`,
    environmentClasses: Array.from({ length: each }, (_, n) => ({ id: idOf(1_000 + project * each + n) })),
  }));
  return {
    projects: all,
    pools: all.flatMap(({ id: projectId, name, environmentClasses }) =>
      environmentClasses.map(({ id: environmentClassId }, n) => ({
        name: `${name}-${n}`,
        args: { projectId, environmentClassId, minSize: 1, maxSize: 4, ...more },
      })),
    ),
  };
}

const idOf = (number: number) => `b0e12f6c-4c67-429d-a4a6-${String(number).padStart(12, "0")}`;

const declarations: Readonly<Record<Way, string>> = {
  ours: `
    const { WarmPool } = require("pulumi-ona");
    const declare = (name, args) => new WarmPool(name, args);`,
  plain: `
    const outputs = ${JSON.stringify(warmPoolProperties.shownNames)};
    const __provider = ${JSON.stringify(stubText("warmPool"))};
    const declare = (name, args) => {
      const properties = { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...args, __provider };
      return new pulumi.CustomResource("pulumi-nodejs:dynamic/ona:WarmPool", name, properties);
    };`,
  usual: `
    const { UsualWarmPool } = require("./hand-written-provider.js");
    const declare = (name, args) => new UsualWarmPool(name, args);`,
};

/** The program; it measures what declaring costs it where it can collect garbage, and writes that down. */
const programOf = (way: Way) => `
const { readFileSync, writeFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const fleet = JSON.parse(readFileSync("fleet.json", "utf8"));
globalThis.gc?.();
const before = { cpu: process.cpuUsage(), heap: process.memoryUsage().heapUsed };
${declarations[way]}
const pools = fleet.map(({ name, args }) => declare(name, args));
if (globalThis.gc) {
  pulumi.all(pools.map(({ urn }) => urn)).apply(() => {
    const { user, system } = process.cpuUsage(before.cpu);
    gc();
    const heap = process.memoryUsage().heapUsed - before.heap;
    writeFileSync("measured.json", JSON.stringify({ cpu: (user + system) / 1000, heap, pools: pools.length }));
  });
}
`;

/** Writes the program that declares the fleet into a folder of its own. */
export function fleetProgram(way: Way, { pools }: Fleet): string {
  return writeProgram(consumer(), {
    "Pulumi.yaml": "name: pools\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\n",
    "package.json": JSON.stringify({ name: "pools", private: true, main: "index.js" }),
    "fleet.json": JSON.stringify(pools),
    "index.js": programOf(way),
    ...(way === "usual" ? { "hand-written-provider.js": usualProvider() } : {}),
  });
}

/** The usual provider in JavaScript, so that no side pays for a compiler. */
function usualProvider(): string {
  const source = readFileSync(join(__dirname, "hand-written-provider.ts"), "utf8");
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  return transpileModule(source, { compilerOptions }).outputText;
}

/** A fleet with its stack and its API. */
export interface FleetBench extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly stack: Stack;
}

/** Starts simulator and stack; on the simulator's clock, unless told otherwise. */
export async function startFleet(
  way: Way,
  fleet: Fleet,
  options: {
    readonly simulator?: SimulatorOptions;
    readonly stack?: Partial<Pick<StackOptions, "clock" | "parallel" | "onProviderCall">>;
  } = {},
): Promise<FleetBench> {
  const folder = fleetProgram(way, fleet);
  const simulator = await startSimulator({ projects: fleet.projects, requestLimit: 100_000, ...options.simulator });
  const stack = await createStack({ workDir: folder, simulator, parallel, env: compileCache(), ...options.stack });
  return {
    simulator,
    stack,
    async [Symbol.asyncDispose]() {
      await stack.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts it with its pools made; whatever follows is measured from here. */
export async function startFullFleet(...args: Parameters<typeof startFleet>): Promise<FleetBench> {
  const bench = await startFleet(...args);
  await succeed(bench.stack.up());
  bench.simulator.clearRequests();
  return bench;
}

/** The same fleet, not waited for. */
export function withoutWaiting({ projects, pools: declared }: Fleet): Fleet {
  return { projects, pools: declared.map(({ name, args }) => ({ name, args: { ...args, waitForReady: false } })) };
}
