/** A minimal API in a process of its own, as the real one is elsewhere: its Creates succeed after a latency. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const latencyMs = Number(process.argv[2]);

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
    setTimeout(() => response.end(answer), startedAt + latencyMs - performance.now());
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
