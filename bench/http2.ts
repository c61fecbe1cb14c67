/** The CPU time of a call over HTTP/1.1, which the client uses, compared to HTTP/2. If this target is missed, the client should switch. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Agent, request } from "undici";
import { atMost, inPairs, type Measured, type Row } from "./measure.js";

const target = atMost(1);
const calls = 1_000;
const inFlight = 8;

/** CPU milliseconds of this process per call, including connections. */
async function costOf(port: number, allowH2: boolean): Promise<number> {
  const agent = new Agent({ allowH2, connect: { rejectUnauthorized: false } });
  const before = process.cpuUsage();
  let left = calls;
  const work = async () => {
    while (left-- > 0) {
      const { statusCode, body } = await request(`https://localhost:${port}/gitpod.v1.PrebuildService/GetWarmPool`, {
        method: "POST",
        dispatcher: agent,
        headers: { authorization: "Bearer a-token", "content-type": "application/json" },
        body: '{"warmPoolId":"b0e12f6c-4c67-429d-a4a6-d9838b5da047"}',
      });
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      await body.text();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const { user, system } = process.cpuUsage(before);
  await agent.close();
  return (user + system) / 1_000 / calls;
}

async function measure(): Promise<Measured> {
  const server = fork(join(__dirname, "tls-server.ts"), { execArgv: ["--import", "tsx"] });
  try {
    const [port] = (await once(server, "message")) as [number];
    return await inPairs({ ours: () => costOf(port, false), floor: () => costOf(port, true), target });
  } finally {
    server.kill();
  }
}

/** The row of `npm run bench` about connections. */
export const rows: readonly Row[] = [
  { figure: "a call over HTTP/1.1, 8 at a time (CPU ms), compared to HTTP/2", target, measure },
];
