/** The simulator's throughput, compared to a bare connect-node handler, so that no other row measures the simulator instead. */
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { fromJsonString } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { GetWarmPoolResponseSchema, PrebuildService } from "../src/testing/simulator/gen/gitpod/v1/prebuild_pb.js";
import { startSimulator } from "../src/testing/simulator/index.js";
import { atLeast, inPairs, type Measured, type Row } from "./measure.js";

const callsInRun = 1_000;
const connections = 8;
const target = atLeast(0.6);

/** The row of `npm run bench` about the simulator. */
export const rows: readonly Row[] = [
  {
    figure: "simulator: calls per second, compared to a bare connect-node handler",
    target,
    measure: measureThroughput,
  },
];

async function measureThroughput(): Promise<Measured> {
  const simulator = await startSimulator({ requestLimit: 1_000 });
  const [project] = simulator.projects;
  const pool = simulator.createPool({
    projectId: project?.id ?? "",
    environmentClassId: project?.environmentClassIds[0] ?? "",
  });
  const headers = { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json" };
  const path = "/gitpod.v1.PrebuildService/GetWarmPool";
  const body = JSON.stringify({ warmPoolId: pool.id });
  const ours = { url: `${simulator.url}${path}`, headers, body };
  const bare = await bareServer(await answerOf(ours));
  const floor = { url: `${bare.origin}${path}`, headers, body };
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    return await inPairs({
      ours: () => callsPerSecond(agent, ours),
      floor: () => callsPerSecond(agent, floor),
      target,
    });
  } finally {
    agent.destroy();
    await bare.close();
    await simulator.close();
  }
}

interface Call {
  url: string;
  headers: Record<string, string>;
  body: string;
}

async function answerOf(call: Call): Promise<string> {
  return (await fetch(call.url, { method: "POST", headers: call.headers, body: call.body })).text();
}

async function bareServer(answer: string): Promise<{ origin: string; close: () => Promise<void> }> {
  const constant = fromJsonString(GetWarmPoolResponseSchema, answer);
  const handler = connectNodeAdapter({
    routes: (router) => router.service(PrebuildService, { getWarmPool: () => constant }),
  });
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function callsPerSecond(agent: Agent, call: Call): Promise<number> {
  const start = process.hrtime.bigint();
  let left = callsInRun;
  const work = async () => {
    while (left-- > 0) await send(agent, call);
  };
  await Promise.all(Array.from({ length: connections }, work));
  return callsInRun / (Number(process.hrtime.bigint() - start) / 1e9);
}

function send(agent: Agent, call: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(call.url, { method: "POST", agent, headers: call.headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume().on("end", resolve);
    });
    sent.on("error", reject);
    sent.end(call.body);
  });
}
