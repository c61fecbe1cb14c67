/** How long an `up` of many new pools takes where each call takes its time, over the same program on a provider that only sleeps. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createStack } from "../src/testing/engine/index.js";
import { consumer, succeed } from "../tests/support/warm-pools.js";
import { fleetOf, fleetProgram, parallel, withoutWaiting } from "./fleet.js";
import { compileCache } from "./program-runner.js";
import { atMost, inPairs, type Row } from "./measure.js";

const target = atMost(1.1);
const latency = 20;
const fleet = withoutWaiting(fleetOf(500, 10));

/** The provider that sleeps: what the stub loads in place of ours. */
const sleeper = `
const { randomUUID } = require("node:crypto");
const sleep = () => new Promise((resolve) => setTimeout(resolve, ${latency}));
exports.warmPool = {
  check: async (olds, news) => ({ inputs: news, failures: [] }),
  diff: async () => ({ changes: false }),
  create: async (inputs) => (await sleep(), { id: randomUUID(), outs: inputs }),
};`;

/** Puts that provider under the program. */
const substitute = (file: string) => `
const { Module } = require("node:module");
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  // The program only looks whether it is there.
  return request === "pulumi-ona/provider" ? ${JSON.stringify(file)} : resolve.call(this, request, ...rest);
};`;

/** The least API: every Create succeeds after the latency. The simulator's own work would count as ours on a machine that has few processors. */
async function startApi(): Promise<{ env: Record<string, string>; close(): void }> {
  const server = createServer((request, response) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { projectId, environmentClassId, ...spec } = JSON.parse(Buffer.concat(chunks).toString()) as Record<
        string,
        unknown
      >;
      const metadata = { projectId, environmentClassId, createdAt: new Date().toISOString() };
      const warmPool = { id: randomUUID(), metadata, spec, status: { phase: "WARM_POOL_PHASE_PENDING" } };
      const answer = JSON.stringify({ warmPool });
      setTimeout(() => response.end(answer), startedAt + latency - performance.now());
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    env: { ONA_API_KEY: "a-token", ONA_BASE_URL: `http://127.0.0.1:${port}` },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Milliseconds of an `up` of all pools. */
async function timeOfUp(env: Record<string, string>): Promise<number> {
  const workDir = fleetProgram("ours", fleet);
  const stack = await createStack({ workDir, parallel, env: { ...compileCache(), ...env } });
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

export async function ours(): Promise<number> {
  const api = await startApi();
  try {
    return await timeOfUp(api.env);
  } finally {
    api.close();
  }
}

export async function sleeping(): Promise<number> {
  const preload = join(consumer(), "sleeping.cjs");
  const file = join(consumer(), "sleeper.cjs");
  writeFileSync(file, sleeper);
  writeFileSync(preload, substitute(file));
  return timeOfUp({ NODE_OPTIONS: `--require ${JSON.stringify(preload)}` });
}

/** The figure of `npm run bench` about creating. */
export const rows: readonly Row[] = [
  {
    figure: "up of 500 new pools at 20 ms a call (ms), over a provider that sleeps 20 ms",
    target,
    measure: () => inPairs({ ours, floor: sleeping, target, pairs: 11 }),
  },
];
