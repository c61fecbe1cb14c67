/** Lists: pages, tokens, and filters. */
import { call, nobody, pairs, simulate, type Json, textOf } from "./support.js";

const ids = (items: Json | undefined) => (Array.isArray(items) ? items.map((item: Json) => textOf(item.id)) : []);

test("pages through a list without gaps or duplicates while the list grows", async () => {
  const simulator = await simulate();
  const [pair] = pairs(simulator);
  for (let n = 0; n < 6; n++) simulator.createPrebuild(pair);
  const before = simulator.prebuilds.map((prebuild) => prebuild.id);
  const seen: string[] = [];
  let token = "";
  for (let n = 0; n < 5; n++) {
    const { body } = await call(simulator, "ListPrebuilds", { pagination: { pageSize: 3, token } });
    seen.push(...ids(body.prebuilds));
    token = typeof body.pagination?.nextToken === "string" ? body.pagination.nextToken : "";
    if (n === 1) simulator.createPrebuild(pair);
    if (token === "") break;
  }
  expect(seen.slice(0, 10)).toEqual(before);
  expect(seen).toHaveLength(11);
});

test.each([
  ["ListWarmPools", "warmPools", 2],
  ["ListPrebuilds", "prebuilds", 4],
] as const)(
  "%s reads token and pageSize from the query of a POST, which wins over the body",
  async (rpc, items, count) => {
    const simulator = await simulate();
    for (const pair of pairs(simulator)) simulator.createPool(pair);
    const pageOf = async (query: Record<string, string>, body: object) => {
      const { body: page } = await call(simulator, `${rpc}?${new URLSearchParams(query).toString()}`, body);
      return { ids: ids(page[items]), token: textOf(page.pagination?.nextToken) };
    };
    // What the older client sends: the body stays that of the first page.
    const first = { pagination: { pageSize: 1, token: "" } };
    const seen: string[] = [];
    let token = "";
    do {
      const page = await pageOf(token === "" ? {} : { token }, first);
      expect(page.ids).toHaveLength(1);
      seen.push(...page.ids);
      token = page.token;
    } while (token !== "" && seen.length < 9);
    expect(seen).toEqual((rpc === "ListWarmPools" ? simulator.pools : simulator.prebuilds).map(({ id }) => id));
    expect(seen).toHaveLength(count);
    expect((await pageOf({ pageSize: "2" }, {})).ids).toEqual(seen.slice(0, 2));
    expect((await pageOf({ pageSize: "2" }, first)).ids).toEqual(seen.slice(0, 2));
  },
);

test("refuses a page size in the query that is malformed or out of range", async () => {
  const simulator = await simulate();
  for (const pageSize of ["many", "1.5", "101", "-1"]) {
    expect((await call(simulator, `ListPrebuilds?pageSize=${pageSize}`)).body.code).toBe("invalid_argument");
  }
});

test("returns 25 items by default and refuses pages of more than 100", async () => {
  const simulator = await simulate();
  for (let n = 0; n < 26; n++) simulator.createPrebuild(pairs(simulator)[0]);
  const usual = await call(simulator, "ListPrebuilds", { pagination: { pageSize: 0 } });
  expect(ids(usual.body.prebuilds)).toHaveLength(25);
  expect(ids((await call(simulator, "ListPrebuilds", { pagination: { pageSize: 100 } })).body.prebuilds)).toHaveLength(
    30,
  );
  expect((await call(simulator, "ListPrebuilds", { pagination: { pageSize: 101 } })).body.code).toBe(
    "invalid_argument",
  );
});

test("refuses a page token of another list or filter, or an invented one", async () => {
  const simulator = await simulate();
  const { body } = await call(simulator, "ListPrebuilds", { pagination: { pageSize: 1 } });
  const token = body.pagination?.nextToken;
  const elsewhere = await call(simulator, "ListWarmPools", { pagination: { token } });
  const filtered = await call(simulator, "ListPrebuilds", { pagination: { token }, filter: { projectIds: [nobody] } });
  const invented = await call(simulator, "ListPrebuilds", { pagination: { token: "2" } });
  expect([elsewhere, filtered, invented].map((answer) => answer.body.code)).toEqual(Array(3).fill("invalid_argument"));
});

test("returns only what matches every list of a filter", async () => {
  const simulator = await simulate();
  const [one, two] = pairs(simulator);
  const [first, second] = [simulator.createPool(one), simulator.createPool(two)];
  const pools = async (filter: object) => ids((await call(simulator, "ListWarmPools", { filter })).body.warmPools);
  expect(await pools({})).toEqual([first.id, second.id]);
  expect(await pools({ projectIds: [one.projectId] })).toEqual([first.id, second.id]);
  expect(await pools({ environmentClassIds: [two.environmentClassId, nobody] })).toEqual([second.id]);
  expect(await pools({ projectIds: [nobody], environmentClassIds: [two.environmentClassId] })).toEqual([]);

  const mine = simulator.createPrebuild(one);
  const prebuilds = async (filter: object) => ids((await call(simulator, "ListPrebuilds", { filter })).body.prebuilds);
  expect(await prebuilds({ triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] })).toEqual([mine.id]);
  expect(await prebuilds({ phases: ["PREBUILD_PHASE_PENDING"] })).toEqual([mine.id]);
  expect(await prebuilds({ phases: ["PREBUILD_PHASE_COMPLETED"] })).toHaveLength(4);
  const { body } = await call(simulator, "GetPrebuild", { prebuildId: mine.id });
  expect(await prebuilds({ executorIds: [body.prebuild?.metadata?.executor?.id] })).toEqual([mine.id]);
  expect(await prebuilds({ creatorIds: [body.prebuild?.metadata?.creator?.id] })).toHaveLength(5);
});
