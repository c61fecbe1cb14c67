/** A refresh of many pools over real HTTP, with all faults and unknowns of the simulator: it finds what one Get per pool would find. */
import { OnaClient } from "../../src/client/index.js";
import { type Clock, systemClock } from "../../src/util/clock.js";
import { type Fault, type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index";
import { poolsOf } from "../../src/warm-pool/batched-pools.js";
import { WriteFence } from "../../src/batched-reads/write-fence.js";
import { tokenOrganizationOf } from "../../src/lifecycle/wrong-organization.js";
import { AdoptionLock } from "../../src/warm-pool/adoption-lock.js";
import type { WarmPoolContext } from "../../src/warm-pool/api.js";

const nobody = "0d0d0d0d-0000-4000-8000-000000000000";
const silence = {
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  onInterrupt: "undo" as const,
  importCommand: () => "",
  clock: systemClock,
};

interface Bench extends AsyncDisposable {
  readonly sim: Simulator;
  readonly client: OnaClient;
  readonly context: WarmPoolContext;
  /** The pools of a stack: every fourth of the simulator's, on both pages of a List, one that never was, and one of the wrong project. */
  readonly wanted: readonly { id: string; projectId: string }[];
  /** The RPCs since the last time. */
  calls(): string[];
}

const requestTimeoutMs = 59_999;

/** Real time, but a request times out as soon as the client waits only for those that the simulator never answers. */
function withoutTimeouts(sim: Simulator): Clock {
  let [waiting, timedOut] = [0, 0];
  return {
    ...systemClock,
    async sleep(milliseconds, signal) {
      if (milliseconds !== requestTimeoutMs) return systemClock.sleep(milliseconds, signal);
      waiting++;
      try {
        do await systemClock.sleep(5, signal);
        while (waiting !== sim.requests.filter(({ fault }) => fault === "hang").length - timedOut);
        timedOut++;
      } finally {
        waiting--;
      }
    },
  };
}

/** 120 pools in 3 projects, READY unless specified. */
async function start(options: SimulatorOptions = {}, token?: string): Promise<Bench> {
  const projects = Array.from({ length: 3 }, () => ({ environmentClasses: Array.from({ length: 40 }, () => ({})) }));
  const sim = await startSimulator({ projects, ...options });
  for (const { id: projectId, environmentClassIds } of sim.projects) {
    for (const environmentClassId of environmentClassIds) sim.createPool({ projectId, environmentClassId });
  }
  sim.clock.advance(60_000);
  const settings = { baseUrl: sim.url, token: () => token ?? sim.token, requestTimeoutMs, maxRetries: 1 };
  const client = new OnaClient({ ...settings, random: () => 0, clock: withoutTimeouts(sim) });
  const [first, second] = sim.projects;
  const wanted = sim.pools.filter((_, index) => index % 4 === 0).map(({ id, projectId }) => ({ id, projectId }));
  const strange = [
    { id: nobody, projectId: first?.id ?? "" },
    { id: wanted[0]?.id ?? "", projectId: second?.id ?? "" },
  ];
  return {
    sim,
    client,
    context: {
      ...silence,
      ...poolsOf(client, systemClock, new WriteFence()),
      adoptionLock: new AdoptionLock(),
      tokenOrganization: tokenOrganizationOf(client, systemClock),
    },
    wanted: [...wanted, ...strange],
    calls() {
      const rpcs = sim.requests.map(({ rpc }) => rpc);
      sim.clearRequests();
      return rpcs;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await sim.close();
    },
  };
}

/** The result of each read, eight at a time like an engine. Errors are their messages. */
async function outcomes<T>(wanted: readonly T[], ask: (each: T) => Promise<unknown>): Promise<unknown[]> {
  const results: unknown[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < wanted.length; index = next++) {
      const each = wanted[index];
      if (each === undefined) continue;
      results[index] = await ask(each).catch((error: unknown) => String(error));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return results;
}

const reads = ({ context, wanted }: Bench) => outcomes(wanted, (pool) => context.pools.read(pool));
const polls = ({ context, wanted }: Bench) =>
  outcomes(wanted, (pool) => context.pools.poll(pool, new AbortController().signal));
const gets = ({ context, wanted }: Bench) => outcomes(wanted, ({ id }) => context.pools.get(id, {}));

test("30 of 120 pools in 3 projects take few calls and give the results of one Get per pool", async () => {
  await using bench = await start();
  const expected = await gets(bench);
  bench.calls();
  expect(await reads(bench)).toEqual(expected);
  // Two pages and eight at once; and a Get for the pool that never was and the one of the wrong project.
  expect(bench.calls().length).toBeLessThanOrEqual(2 + 8 + 2);
});

const faults: [string, Fault][] = [
  ...(
    ["unauthenticated", "permission_denied", "unavailable", "internal", "not_found", "invalid_argument"] as const
  ).map((code): [string, Fault] => [code, { error: { code } }]),
  ["a quota", { error: { code: "resource_exhausted" } }],
  ["a rate limit", { error: { code: "resource_exhausted", retryInfoSeconds: 0.05 } }],
  ["a proxy's page with 404", { html: { status: 404 } }],
  ["a proxy's page with 502", { html: { status: 502 } }],
  ["a proxy's page with 200", { html: { status: 200 } }],
  ["a redirect to another origin", { redirect: { to: "https://elsewhere.example/api" } }],
  ["a reset before", { reset: "before" }],
  ["a reset after", { reset: "after" }],
  ["no answer", { hang: "before" }],
  ["half a body", { truncated: true }],
  ["no JSON", { invalidJson: true }],
  ["a repeated page token", { repeatedPageToken: true }],
  ["unknown fields", { unknownFields: true }],
  ["a slow body", { slow: 100 }],
];
/** Always, on the second page, and sometimes. */
const moments: Partial<Fault>[] = [{ times: "always" }, { nth: 2, times: 2 }, { share: 0.5 }];

test.each(faults)("a List with %s does not change what reads and polls find", async (_what, fault) => {
  const outcome = async (which: Partial<Fault>) => {
    await using bench = await start();
    const expected = await gets(bench);
    bench.sim.fault({ rpc: "ListWarmPools", ...which, ...fault });
    expect(await reads(bench)).toEqual(expected);
    expect(await polls(bench)).toEqual(expected);
  };
  await Promise.all(moments.map(outcome));
});

test.each(faults)("a failure of both List and Get (%s) is reported as that of Get", async (_what, fault) => {
  await using bench = await start();
  const few = { ...bench, wanted: bench.wanted.slice(0, 4) };
  bench.sim.fault({ times: "always", ...fault });
  // Of calls that fail together at a rate limit it is chance which ones were sent, and how often.
  const chance = / \(tried \d+ times\)|not sent, because other calls were refused: /;
  const said = (results: readonly unknown[]) => results.map((each) => String(each).replace(chance, ""));
  expect(said(await reads(few))).toEqual(said(await gets(few)));
});

test("a refused List is not repeated with every read", async () => {
  await using bench = await start();
  bench.sim.fault({ rpc: "ListWarmPools", times: "always", error: { code: "permission_denied" } });
  await reads(bench);
  const calls = bench.calls();
  expect(calls.filter((rpc) => rpc === "GetWarmPool")).toHaveLength(bench.wanted.length);
  expect(calls.filter((rpc) => rpc === "ListWarmPools").length).toBeLessThanOrEqual(3);
});

const unknowns = (["hidden", "shown"] as const).flatMap((listDeleted) =>
  (["not_found", "deleted"] as const).flatMap((deletedPool) =>
    (["oldestFirst", "newestFirst"] as const).map((listOrder) => ({ listDeleted, deletedPool, listOrder })),
  ),
);
test.each(unknowns)("deleted pools are found as by Get: $listDeleted, $deletedPool, $listOrder", async (answers) => {
  await using bench = await start({ unknowns: answers });
  const [removed, drained, degraded] = bench.wanted;
  bench.sim.remove(removed?.id ?? "");
  bench.sim.drain(drained?.id ?? "");
  bench.sim.degrade(degraded?.id ?? "", "no capacity");
  const expected = await gets(bench);
  expect(await reads(bench)).toEqual(expected);
  expect(await polls(bench)).toEqual(expected);
});

test("no read shows the old state after this process resizes, deletes, or creates a pool", async () => {
  await using bench = await start();
  await reads(bench);
  const [one, two, three] = bench.wanted;
  if (one === undefined || two === undefined || three === undefined) throw new Error("no pools");
  await bench.context.client.updateWarmPool(one.id, { maxSize: 7 });
  expect(await bench.context.pools.read(one)).toMatchObject({ maxSize: 7 });
  await bench.context.client.deleteWarmPool(two.id);
  expect(await bench.context.pools.read(two)).toMatchObject({ phase: "DELETING" });
  bench.sim.fault({ rpc: "UpdateWarmPool", reset: "after", times: "always" });
  await expect(bench.context.client.updateWarmPool(three.id, { maxSize: 9 })).rejects.toThrow("UpdateWarmPool");
  expect(await bench.context.pools.read(three)).toMatchObject({ maxSize: 9 });
});

test("a resize over another connection to the same account is seen at once", async () => {
  await using bench = await start();
  const writes = new WriteFence();
  const clientOf = () => new OnaClient({ baseUrl: bench.sim.url, token: () => bench.sim.token });
  const [client, other] = [clientOf(), clientOf()];
  const context = { ...bench.context, ...poolsOf(client, systemClock, writes) };
  await reads({ ...bench, context });
  const [pool] = bench.wanted;
  if (pool === undefined) throw new Error("no pools");
  await poolsOf(other, systemClock, writes).client.updateWarmPool(pool.id, { maxSize: 7 });
  expect(await context.pools.read(pool)).toMatchObject({ maxSize: 7 });
  await Promise.all([client.close(), other.close()]);
});
