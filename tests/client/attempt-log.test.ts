/** The attempts that a client reports. */
import type { Attempt } from "../../src/client/index.js";
import { connectError, retryInfo } from "../support/connect-errors.js";
import { poolId, wirePool } from "../support/messages.js";
import { closeWires, failureOf, listed, wire } from "../support/wire-client.js";
import { message, page, type Reply, reset } from "../support/wire-server.js";

afterEach(closeWires);

/** A client whose attempts are recorded. */
async function observed(...script: Reply[]) {
  const attempts: Attempt[] = [];
  const made = await wire(script, { onAttempt: (attempt) => attempts.push(attempt) });
  return { ...made, attempts };
}

test("reports each attempt when it has ended, failed or not", async () => {
  const slow = connectError("resource_exhausted", "slow down", { details: [retryInfo(3)] });
  const { client, attempts } = await observed(slow, page(502), reset, message({ warmPool: wirePool }));
  await client.getWarmPool(poolId);
  expect(attempts).toMatchObject([
    { rpc: "GetWarmPool", number: 1, code: "resource_exhausted", origin: "api", httpStatus: 429 },
    { rpc: "GetWarmPool", number: 2, code: "unavailable", origin: "http", httpStatus: 502 },
    { rpc: "GetWarmPool", number: 3, code: "unavailable", origin: "network" },
    { rpc: "GetWarmPool", number: 4, code: "ok" },
  ]);
});

test("does not report an unreadable response as ok", async () => {
  const { client, attempts } = await observed(message("{"), message({}));
  await failureOf(client.getWarmPool(poolId));
  await failureOf(client.getWarmPool(poolId));
  expect(attempts).toMatchObject([
    { code: "internal", origin: "unreadable", number: 1 },
    { code: "internal", origin: "unreadable", number: 1 },
  ]);
});

test("reports each page of a List as a call of its own", async () => {
  const { client, attempts } = await observed(
    message({ pagination: { nextToken: "2" }, warmPools: [] }),
    message({ warmPools: [] }),
  );
  await listed(client.listWarmPools());
  expect(attempts.map(({ rpc, number }) => [rpc, number])).toEqual([
    ["ListWarmPools", 1],
    ["ListWarmPools", 1],
  ]);
});

test("reports the duration of an attempt without the wait before it", async () => {
  const attempts: Attempt[] = [];
  const slow = connectError("resource_exhausted", "slow down", { details: [retryInfo(20)] });
  const { client, clock } = await wire([slow, message({ warmPool: wirePool })], {
    onAttempt: (attempt) => attempts.push(attempt),
  });
  await client.getWarmPool(poolId);
  expect(clock.slept).toEqual([20_000]);
  expect(attempts.map(({ durationMs }) => durationMs)).toEqual([0, 0]);
});

test("reports no attempt if there is no token", async () => {
  const attempts: Attempt[] = [];
  const { client, server } = await wire([], {
    token: () => {
      throw new Error("no token");
    },
    onAttempt: (attempt) => attempts.push(attempt),
  });
  await expect(client.getWarmPool(poolId)).rejects.toThrow("no token");
  expect(attempts).toEqual([]);
  expect(server.requests).toEqual([]);
});
