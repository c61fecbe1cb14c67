/** Fleets of warm pools for `npm run bench`, and programs that declare them with this package, as plain resources, or with a hand-written provider. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { createStack, type Stack, type StackOptions } from "../src/testing/engine/index.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../src/testing/simulator/index.js";
import { stubText } from "../src/program/stub.js";
import { warmPoolProperties } from "../src/warm-pool/properties.js";
import { writeProgram } from "../tests/support/consumer.js";
import { consumer, projectFiles, succeed } from "../tests/support/warm-pools.js";

/**
 * How a program declares a fleet. `native` is the plugin. Plain resources have the same inputs and outputs, and the
 * provider's text that every dynamic resource needs, but not the name that our resources also send for progress lines.
 */
export type DeclaredAs = "ours" | "native" | "plain" | "handWritten";

/** Some pools over some projects. */
export interface Fleet {
  readonly projects: NonNullable<SimulatorOptions["projects"]>;
  readonly pools: readonly { readonly name: string; readonly args: object }[];
}

/** How many steps run at once: the CLI's default on two processors. */
export const parallel = 8;

/** A fleet with the same ids in every run, one project after the other. */
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

const declarations: Readonly<Record<DeclaredAs, string>> = {
  ours: `
    const { WarmPool } = require("pulumi-ona");
    const declare = (name, args) => new WarmPool(name, args);`,
  native: `
    const { WarmPool } = require("./native-sdk.cjs");
    const declare = (name, args) => new WarmPool(name, args);`,
  plain: `
    const outputs = ${JSON.stringify(warmPoolProperties.allNames)};
    const __provider = ${JSON.stringify(stubText("warmPool"))};
    const declare = (name, args) => {
      const properties = { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...args, __provider };
      return new pulumi.CustomResource("pulumi-nodejs:dynamic/ona:WarmPool", name, properties);
    };`,
  handWritten: `
    const { HandWrittenWarmPool } = require("./hand-written-provider.js");
    const declare = (name, args) => new HandWrittenWarmPool(name, args);`,
};

/** The program. With access to the garbage collector, it writes the heap bytes that stay in use to a file. */
const programOf = (declaredAs: DeclaredAs) => `
const { readFileSync, writeFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const fleet = JSON.parse(readFileSync("fleet.json", "utf8"));
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
${declarations[declaredAs]}
const pools = fleet.map(({ name, args }) => declare(name, args));
if (globalThis.gc) {
  // Not earlier, when it depends on chance how much of the registrations is still in use.
  process.once("exit", () => {
    gc();
    const heap = process.memoryUsage().heapUsed - before;
    writeFileSync("measured.json", JSON.stringify({ heap, pools: pools.length }));
  });
}
`;

const perBlock = 10;

/**
 * A program that declares a fleet in two ways, and writes the CPU milliseconds of each to a file. It alternates between
 * blocks of pools, because the speed of a machine changes between two processes by more than the two ways differ.
 */
const alternatingProgramOf = (ways: readonly [DeclaredAs, DeclaredAs]) => `
const { readFileSync, writeFileSync } = require("node:fs");
const { setImmediate } = require("node:timers/promises");
const pulumi = require("@pulumi/pulumi");
const fleet = JSON.parse(readFileSync("fleet.json", "utf8"));
const ways = { ${ways.map((way) => `${way}: (() => {${declarations[way]} return declare; })()`).join(", ")} };
async function cpuOf(way, block) {
  const before = process.cpuUsage();
  const pools = block.map((pool) => ways[way](way + "-" + pool.name, pool.args));
  await new Promise((resolve) => pulumi.all(pools.map(({ urn }) => urn)).apply(resolve));
  await setImmediate();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
module.exports = async () => {
  const cpu = {};
  for (let begin = 0; begin < fleet.length; begin += ${perBlock}) {
    const order = Object.keys(ways);
    if ((begin / ${perBlock}) % 2 === 1) order.reverse();
    for (const way of order) {
      const spent = await cpuOf(way, fleet.slice(begin, begin + ${perBlock}));
      // The first blocks compile the code.
      if (begin >= 2 * ${perBlock}) cpu[way] = (cpu[way] ?? 0) + spent;
    }
  }
  writeFileSync("measured.json", JSON.stringify(cpu));
};
`;

/** Writes the program that declares a fleet in two ways to a new folder. */
export function alternatingProgram(first: DeclaredAs, second: DeclaredAs, { pools }: Fleet): string {
  return writeProgram(consumer(), {
    ...projectFiles("pools", "dynamic"),
    "fleet.json": JSON.stringify(pools),
    "index.js": alternatingProgramOf([first, second]),
  });
}

/** Writes the program that declares the fleet to a new folder. */
export function fleetProgram(declaredAs: DeclaredAs, { pools }: Fleet): string {
  return writeProgram(consumer(), {
    ...projectFiles("pools", declaredAs === "native" ? "native" : "dynamic"),
    "fleet.json": JSON.stringify(pools),
    "index.js": programOf(declaredAs),
    ...(declaredAs === "handWritten" ? { "hand-written-provider.js": handWrittenProvider() } : {}),
  });
}

/** The hand-written provider in JavaScript, so that its program doesn't pay for a compiler. */
function handWrittenProvider(): string {
  const source = readFileSync(join(__dirname, "hand-written-provider.ts"), "utf8");
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  return transpileModule(source, { compilerOptions }).outputText;
}

/** A fleet with its stack and its simulator. */
export interface FleetBench extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly stack: Stack;
}

/** Starts a simulator and a stack, which use the simulator's clock by default. */
export async function startFleet(
  declaredAs: DeclaredAs,
  fleet: Fleet,
  options: {
    readonly simulator?: SimulatorOptions;
    readonly stack?: Partial<Pick<StackOptions, "clock" | "parallel" | "onProviderCall">>;
  } = {},
): Promise<FleetBench> {
  const folder = fleetProgram(declaredAs, fleet);
  const simulator = await startSimulator({ projects: fleet.projects, requestLimit: 100_000, ...options.simulator });
  const stack = await createStack({ workDir: folder, simulator, parallel, ...options.stack });
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

/** Starts a simulator and a stack, and creates the pools. */
export async function startCreatedFleet(...args: Parameters<typeof startFleet>): Promise<FleetBench> {
  const bench = await startFleet(...args);
  await succeed(bench.stack.up());
  bench.simulator.clearRequests();
  return bench;
}

/** The same fleet without waiting for READY. */
export function withoutWaiting({ projects, pools: declared }: Fleet): Fleet {
  return { projects, pools: declared.map(({ name, args }) => ({ name, args: { ...args, waitForReady: false } })) };
}
