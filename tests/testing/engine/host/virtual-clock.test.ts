import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { clockEnvironment } from "../../../../src/testing/engine/host/virtual-clock.js";

const run = promisify(execFile);

/** A clock like the simulator's, which advances on request. */
async function startClock(): Promise<{ server: Server; url: string; advances: number[] }> {
  const advances: number[] = [];
  let now = Date.parse("2030-01-01T00:00:00Z");
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { advance } = JSON.parse(text) as { advance: number };
      advances.push(advance);
      now += advance;
      response.end(JSON.stringify({ now }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}/_simulator/clock`, advances };
}

async function inProcess(url: string, script: string, nodeOptions = ""): Promise<unknown> {
  const env = { ...process.env, ...clockEnvironment(url, nodeOptions) };
  const { stdout } = await run(process.execPath, ["-e", script], { env });
  return JSON.parse(stdout);
}

test("ends a wait of an hour immediately and advances the clocks of process and simulator", async () => {
  const { server, url, advances } = await startClock();
  const seen = (await inProcess(
    url,
    `const timers = require("node:timers/promises");
     (async () => {
       const before = performance.now();
       await timers.setTimeout(3_600_000);
       console.log(JSON.stringify({ elapsed: performance.now() - before, date: new Date().toISOString() }));
     })();`,
  )) as { elapsed: number; date: string };
  server.close();
  expect(seen.elapsed).toBeGreaterThanOrEqual(3_600_000);
  expect(seen.date.slice(0, 16)).toBe("2030-01-01T01:00");
  expect(advances[0]).toBe(0);
});

test("takes no time for work, as the simulator's clock, but lets a loop that polls the time end", async () => {
  const { server, url } = await startClock();
  const folder = mkdtempSync(join(tmpdir(), "clock-"));
  const fake = join(folder, "fake.cjs");
  writeFileSync(fake, "let real = 0; performance.now = () => real; globalThis.work = (ms) => (real += ms);");
  const seen = await inProcess(
    url,
    `const { setTimeout: sleep } = require("node:timers/promises");
     const elapsed = (since) => Math.round(performance.now() - since);
     (async () => {
       await sleep(1_000);
       const start = performance.now();
       work(3_000);
       const worked = elapsed(start);
       await sleep(5_000);
       const slept = elapsed(start);
       let polls = 0;
       for (const from = performance.now(); elapsed(from) < 1_000; polls++) work(500);
       console.log(JSON.stringify({ worked, slept, polls }));
     })();`,
    `--require "${fake}"`,
  );
  server.close();
  rmSync(folder, { recursive: true });
  expect(seen).toEqual({ worked: 0, slept: 5_000, polls: 22 });
});

test("ends the earliest of several waits first, and rejects an aborted one", async () => {
  const { server, url } = await startClock();
  const seen = await inProcess(
    url,
    `const timers = require("node:timers/promises");
     const order = [];
     const abort = new AbortController();
     Promise.all([
       timers.setTimeout(30_000, "late").then((v) => order.push(v)),
       timers.setTimeout(10_000, "early").then((v) => { order.push(v); abort.abort(); }),
       timers.setTimeout(20_000, "never", { signal: abort.signal }).catch((e) => order.push(e.name)),
     ]).then(() => console.log(JSON.stringify(order)));`,
  );
  server.close();
  expect(seen).toEqual(["early", "AbortError", "late"]);
});

test("does not advance the clock while a request is running", async () => {
  const { server, url, advances } = await startClock();
  const slow = createServer((_request, response) => void setImmediate(() => response.end("{}")));
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const { port } = slow.address() as AddressInfo;
  const seen = await inProcess(
    url,
    `const timers = require("node:timers/promises");
     (async () => {
       const abort = new AbortController();
       const limit = timers.setTimeout(60_000, "timed out", { signal: abort.signal }).catch(() => "aborted");
       await fetch("http://127.0.0.1:${port}/").then((r) => r.text());
       abort.abort();
       console.log(JSON.stringify(await limit));
       process.exit(0);
     })();`,
  );
  slow.closeAllConnections();
  slow.close();
  server.close();
  expect(seen).toBe("aborted");
  expect(advances.every((advance) => advance === 0)).toBe(true);
});

test("waits for a response body with data, but not for a silent one", async () => {
  const { server, url, advances } = await startClock();
  const pieces = 200;
  const undici = JSON.stringify(require.resolve("undici"));
  // The texts come from the same process: another one might get no processor for longer than a silence.
  const seen = await inProcess(
    url,
    `const timers = require("node:timers/promises");
     const { request } = require(${undici});
     const texts = require("node:http").createServer((request, response) => {
       response.write("begin");
       if (request.url === "/live") return;
       let left = ${pieces};
       const timer = setInterval(() => {
         response.write(".");
         if (--left > 0) return;
         clearInterval(timer);
         response.end();
       }, 1);
     });
     texts.listen(0, "127.0.0.1", async () => {
       const origin = "http://127.0.0.1:" + texts.address().port;
       const live = await request(origin + "/live");
       live.body.on("error", () => undefined).resume();
       await timers.setTimeout(3_600_000);
       let over = false;
       const limit = timers.setTimeout(60_000).then(() => (over = true));
       const coming = await request(origin + "/coming");
       const text = await coming.body.text();
       const before = over;
       await limit;
       console.log(JSON.stringify({ text, before, over }));
       process.exit(0);
     });`,
  );
  server.close();
  expect(seen).toEqual({ text: `begin${".".repeat(pieces)}`, before: false, over: true });
  expect(advances.filter((advance) => advance > 3_000_000)).toHaveLength(1);
});
