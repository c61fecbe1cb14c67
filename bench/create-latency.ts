/** The duration of an `up` of many new pools with a slow API, compared to the same program with a provider that only sleeps. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStack } from "../src/testing/engine/index.js";
import { consumer, succeed } from "../tests/support/warm-pools.js";
import { type DeclaredAs, fleetOf, fleetProgram, parallel, withoutWaiting } from "./fleet.js";
import { atMost, inPairs, type Row } from "./measure.js";

const target = atMost(1.08);
const latencyMs = 20;
const fleet = withoutWaiting(fleetOf(500, 10));

/** A provider that only sleeps, which the stub loads in place of ours. */
const sleepingProvider = `
const { randomUUID } = require("node:crypto");
const sleep = () => new Promise((resolve) => setTimeout(resolve, ${latencyMs}));
exports.warmPool = {
  check: async (olds, news) => ({ inputs: news, failures: [] }),
  diff: async () => ({ changes: false }),
  create: async (inputs) => (await sleep(), { id: randomUUID(), outs: inputs }),
};`;

/** Replaces our provider with the one in a file. */
const substitute = (file: string) => `
const { Module } = require("node:module");
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  // The program only checks that the provider can be resolved.
  return request === "pulumi-ona/provider" ? ${JSON.stringify(file)} : resolve.call(this, request, ...rest);
};`;

/** Starts the API. On few processors, the simulator's CPU time would count as ours. */
async function startApi(): Promise<{ env: Record<string, string>; close(): void }> {
  const child = fork(join(__dirname, "slow-api.mts"), [String(latencyMs)], { execArgv: [] });
  const [port] = (await once(child, "message")) as [number];
  return {
    env: { ONA_API_KEY: "a-token-for-the-bench", ONA_BASE_URL: `http://127.0.0.1:${port}` },
    close: () => child.disconnect(),
  };
}

/** Milliseconds of an `up` of all pools. */
async function timeOfUp(env: Record<string, string>, declaredAs: DeclaredAs = "ours"): Promise<number> {
  const workDir = fleetProgram(declaredAs, fleet);
  const stack = await createStack({ workDir, parallel, env });
  try {
    const startedAt = performance.now();
    const { changeSummary } = await succeed(stack.up());
    if (changeSummary["create"] !== fleet.pools.length + 1) throw new Error("not every pool was created");
    return performance.now() - startedAt;
  } finally {
    await stack.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function creating(declaredAs: DeclaredAs): Promise<number> {
  const api = await startApi();
  try {
    return await timeOfUp(api.env, declaredAs);
  } finally {
    api.close();
  }
}

async function sleeping(): Promise<number> {
  const preload = join(consumer(), "sleeping.cjs");
  const file = join(consumer(), "sleeper.cjs");
  writeFileSync(file, sleepingProvider);
  writeFileSync(preload, substitute(file));
  return timeOfUp({ NODE_OPTIONS: `--require ${JSON.stringify(preload)}` });
}

/** The rows of `npm run bench` about creating. */
export const rows: readonly Row[] = [
  {
    figure: "up of 500 new pools at 20 ms per call (ms), compared to a provider that sleeps 20 ms",
    target,
    measure: () => inPairs({ ours: () => creating("ours"), floor: sleeping, target, maxPairs: 11 }),
  },
  {
    figure: "the plugin: up of 500 new pools at 20 ms per call (ms), compared to the dynamic provider",
    target,
    measure: () => inPairs({ ours: () => creating("native"), floor: () => creating("ours"), target, maxPairs: 11 }),
  },
];
