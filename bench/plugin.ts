/** The plugin's process compared to the dynamic provider's, each started as users start it. */
import { readFileSync, rmSync } from "node:fs";
import { warmPoolTraits } from "../src/warm-pool/traits.js";
import { NativePlugin } from "../tests/support/native-plugin.js";
import { cpuMillisecondsOf, ProviderProcess, warmPoolStub } from "../tests/support/provider-process.js";
import { succeed } from "../tests/support/warm-pools.js";
import { outputs } from "./check-diff.js";
import { type DeclaredAs, type Fleet, fleetOf, fleetProgram, startFleet, withoutWaiting } from "./fleet.js";
import { atMost, counted, inPairs, type Row } from "./measure.js";
import { childrenCpu, runProgram, startMinimalMonitor } from "./program-runner.js";

type Pool = Fleet["pools"][number];

/** A provider process that checks and compares pools. */
interface Host extends AsyncDisposable {
  readonly pid: number;
  check(pool: Pool): Promise<void>;
  diff(pool: Pool): Promise<void>;
}

const env = { ONA_API_KEY: "a-token" };

async function startPlugin(): Promise<Host> {
  const plugin = await NativePlugin.start({}, env, true);
  const type = "ona:index:WarmPool";
  const target = (name: string) => ({ urn: `urn:pulumi:dev::pools::${type}::${name}`, type, name });
  return {
    pid: plugin.process.pid ?? 0,
    async check({ name, args }) {
      const { failures } = await plugin.call("check", { ...target(name), news: { ...args } });
      if (failures.length > 0) throw new Error("the plugin refuses the inputs");
    },
    async diff({ name, args }) {
      const [news, olds] = [{ ...args }, { ...args, ...outputs }];
      const { diffs } = await plugin.call("diff", { ...target(name), id: "id", news, olds, oldInputs: news });
      if (diffs.length > 0) throw new Error("the pool has changed");
    },
    [Symbol.asyncDispose]: () => plugin[Symbol.asyncDispose](),
  };
}

async function startDynamicHost(): Promise<Host> {
  const host = await ProviderProcess.start({}, env, true);
  return {
    pid: host.pid,
    async check({ name, args }) {
      const urn = `urn:pulumi:dev::pools::${warmPoolTraits.type}::${name}`;
      const { failures } = await host.check({ ...args, __urn: urn, __provider: warmPoolStub });
      if (failures.length > 0) throw new Error("the provider refuses the inputs");
    },
    async diff({ args }) {
      const { changes } = await host.diff({ ...args, ...outputs }, { ...args });
      if (changes !== "none") throw new Error("the pool has changed");
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

interface Used {
  readonly cpu: number;
  readonly mebibytes: number;
}

/** What a process has used when it has answered its first Check. */
async function toFirstCheck(start: () => Promise<Host>): Promise<Used> {
  await using host = await start();
  await host.check(onePool);
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${host.pid}/status`, "utf8"))?.[1];
  return { cpu: cpuMillisecondsOf(host.pid), mebibytes: Number(kibibytes) / 1_024 };
}

const [onePool] = fleetOf(1, 1).pools as [Pool];

/** CPU milliseconds of a program and its provider in a preview without changes. The engine's are not measured. */
async function emptyPreview(folder: string, address: string, pools: readonly Pool[], start: () => Promise<Host>) {
  const before = childrenCpu();
  await runProgram(folder, address, [], true);
  const program = childrenCpu() - before;
  await using host = await start();
  const left = [...pools];
  const work = async () => {
    for (let pool = left.pop(); pool !== undefined; pool = left.pop()) {
      await host.check(pool);
      await host.diff(pool);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return program + cpuMillisecondsOf(host.pid);
}

const firstCheckRow = (what: string, most: number, of: (used: Used) => number): Row => ({
  figure: `the plugin: ${what}, compared to the dynamic provider`,
  target: atMost(most),
  measure: (target) =>
    inPairs({
      ours: async () => of(await toFirstCheck(startPlugin)),
      floor: async () => of(await toFirstCheck(startDynamicHost)),
      target,
    }),
});

const previewRow = (count: number): Row => ({
  figure: `the plugin: preview without changes, pools: ${count} (CPU ms), compared to the dynamic provider`,
  target: atMost(0.9),
  async measure(target) {
    const fleet = fleetOf(count, Math.ceil(count / 50));
    const [native, dynamic] = [fleetProgram("native", fleet), fleetProgram("ours", fleet)];
    const monitor = await startMinimalMonitor();
    try {
      return await inPairs({
        ours: () => emptyPreview(native, monitor.address, fleet.pools, startPlugin),
        floor: () => emptyPreview(dynamic, monitor.address, fleet.pools, startDynamicHost),
        target,
        maxPairs: 11,
      });
    } finally {
      monitor.close();
      for (const folder of [native, dynamic]) rmSync(folder, { recursive: true, force: true });
    }
  },
});

/** How often each RPC is called in the life of some pools. */
async function callsOf(declaredAs: DeclaredAs): Promise<string> {
  // One after the other, since the moment of a call decides whether it shares a List.
  await using bench = await startFleet(declaredAs, withoutWaiting(fleetOf(40, 4)), { stack: { parallel: 1 } });
  const { stack, simulator } = bench;
  await succeed(stack.preview());
  await succeed(stack.up());
  simulator.clock.advance(60_000);
  await succeed(stack.preview({ expectNoChanges: true }));
  await succeed(stack.refresh());
  await succeed(stack.destroy());
  const counts = new Map<string, number>();
  for (const { rpc } of simulator.requests) counts.set(rpc, (counts.get(rpc) ?? 0) + 1);
  return [...counts]
    .map(([rpc, count]) => `${count} ${rpc}`)
    .sort()
    .join(", ");
}

/** The rows of `npm run bench` about the plugin. */
export const rows: readonly Row[] = [
  firstCheckRow("start to first Check (CPU ms)", 0.25, ({ cpu }) => cpu),
  firstCheckRow("memory after the first Check (MiB)", 0.6, ({ mebibytes }) => mebibytes),
  previewRow(1),
  previewRow(500),
  {
    figure: "the plugin: API calls in the life of 40 pools, compared to the dynamic provider",
    target: atMost(1),
    async measure(target) {
      const [native, dynamic] = [await callsOf("native"), await callsOf("ours")];
      if (native !== dynamic) throw new Error(`the plugin made ${native}, and the dynamic provider ${dynamic}`);
      const calls = native.split(", ").reduce((sum, each) => sum + Number.parseInt(each), 0);
      return counted(calls, calls, target);
    },
  },
];
