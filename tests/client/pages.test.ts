/** Lists, page by page. */
import type { WarmPoolMessage } from "../../src/client/index.js";
import { wirePool, wirePrebuild } from "../support/messages.js";
import { closeWires, failureOf, listed, wire } from "../support/wire-client.js";
import { connectError } from "../support/connect-errors.js";
import { message, type Reply } from "../support/wire-server.js";

afterEach(closeWires);

const poolsPage = (ids: readonly string[], nextToken?: string) =>
  message({
    warmPools: ids.map((id) => ({ ...wirePool, id })),
    ...(nextToken === undefined ? {} : { pagination: { nextToken } }),
  });

const idsOf = (pools: readonly WarmPoolMessage[]) => pools.map(({ id }) => id);

test("fetches all pages in order, with the token of the one before and the same filter", async () => {
  const { client, server } = await wire([poolsPage(["a", "b"], "t1"), poolsPage([], "t2"), poolsPage(["c"])]);
  const pools = await listed(client.listWarmPools({ environmentClassIds: ["x"] }));
  expect(idsOf(pools)).toEqual(["a", "b", "c"]);
  expect(server.bodies).toEqual(
    ["", "t1", "t2"].map((token) => ({ pagination: { pageSize: 100, token }, filter: { environmentClassIds: ["x"] } })),
  );
});

test("fetches a page only when its items are needed", async () => {
  const { client, server } = await wire([poolsPage(["a"], "t1"), poolsPage(["b"])]);
  for await (const pool of client.listWarmPools()) {
    expect(pool.id).toBe("a");
    break;
  }
  expect(server.requests).toHaveLength(1);
});

test.each(["", null])("ends the list at the token %j", async (nextToken) => {
  const { client } = await wire([message({ prebuilds: [wirePrebuild], pagination: { nextToken } })]);
  await expect(listed(client.listPrebuilds())).resolves.toHaveLength(1);
});

test.each([
  ["at once", ["t1", "t1"]],
  ["in a circle", ["t1", "t2", "t3", "t1"]],
])("fails if a page token is repeated %s", async (_how, tokens) => {
  const { client, server } = await wire(tokens.map((token) => poolsPage(["a"], token)));
  const error = await failureOf(listed(client.listWarmPools()));
  expect(error.message).toBe("ListWarmPools: the response could not be read: the server repeated a page token");
  expect(server.requests).toHaveLength(tokens.length);
});

test("ends a list that never ends by itself: with a new page token each time, or with more and more objects", async () => {
  for (const [count, detail] of [
    [0, "the list has more than 1000 pages"],
    [1_000, "the list has more than 50000 objects"],
  ] as const) {
    const ids = Array.from({ length: count }, (_, index) => String(index));
    let pages = 0;
    const endless: Reply = (response, request) => {
      server.queue(endless);
      const warmPools = ids.map((id) => ({ id }));
      message({ warmPools, pagination: { nextToken: `token ${++pages}` } })(response, request);
    };
    const { client, server } = await wire([endless]);
    let seen = 0;
    const consume = async () => {
      for await (const { id } of client.listWarmPools()) seen += id === "" ? 0 : 1;
    };
    expect(await failureOf(consume())).toMatchObject({ rpc: "ListWarmPools", origin: "unreadable", detail });
    expect([seen, server.requests.length]).toEqual(count === 0 ? [0, 1_000] : [50_000, 51]);
  }
});

test.each([
  [
    "a page with more objects than a page has",
    { warmPools: Array(1_001).fill(wirePool) },
    "warmPools (more than 1000 objects)",
  ],
  ["a page of other things", { warmPools: Array(130_000).fill(0) }, "warmPools (more than 1000 objects)"],
  [
    "a shorter page of other things",
    { warmPools: Array(1_000).fill(0) },
    "warmPools.0, warmPools.1, warmPools.2 and 997 more",
  ],
  ["a page token without an end", { pagination: { nextToken: "x".repeat(20_000) } }, "pagination.nextToken (too long)"],
])("fails at %s", async (_what, body, where) => {
  const { client } = await wire([message(body)]);
  const error = await failureOf(listed(client.listWarmPools()));
  expect(error).toMatchObject({ origin: "unreadable", detail: `unexpected ${where}` });
});

test("retries a page that fails and continues the list", async () => {
  const { client } = await wire([poolsPage(["a"], "t1"), connectError("unavailable"), poolsPage(["b"])]);
  expect(idsOf(await listed(client.listWarmPools()))).toEqual(["a", "b"]);
});
