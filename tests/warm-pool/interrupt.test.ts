/** A process that is told to end while a pool is being created: what it made is deleted again before the engine kills it. */
import { createWarmPool } from "../../src/warm-pool/lifecycle.js";
import { exitTimeoutMs } from "../../src/lifecycle/interrupt.js";
import { epoch } from "../support/fake-clock.js";
import { poolId } from "../support/messages.js";
import { type Bench, bench, type Script } from "../support/pool-api.js";
import { declared, live } from "../support/pools.js";
import { hangs, interruptAfter as interruptCreate, late, refusal } from "../support/scripted.js";

const pending = live({ phase: "PENDING" });
const conflict = refusal("already_exists");
const existing = live({ createdAt: new Date(epoch - 60_000).toISOString(), phase: "PENDING" });

interface Interrupted extends Bench {
  /** Milliseconds from the interrupt to the end of the create. */
  readonly took: number;
}

/** Interrupts a create after some time, and sees it fail. */
async function interruptAfter(
  milliseconds: number,
  script: Script | ((made: () => Bench) => Script),
  inputs = declared({ waitForReady: true }),
): Promise<Interrupted> {
  const made: Bench = bench(typeof script === "function" ? script(() => made) : script);
  const took = await interruptCreate(made.clock, milliseconds, (interrupt) =>
    createWarmPool(made.context, inputs, interrupt),
  );
  return { ...made, took };
}

test("while it waits, the new pool is deleted at once", async () => {
  const { rpcs, sent, took, progress } = await interruptAfter(1_500, {
    create: [pending],
    get: [pending],
    delete: [undefined],
  });
  expect(rpcs()).toEqual(["create", "get", "delete"]);
  expect(sent("delete")).toEqual([poolId]);
  expect(took).toBe(0);
  expect(progress.at(-1)).toBe(`${poolId}: interrupted: the new warm pool is being deleted again`);
});

test("a pool that was adopted stays", async () => {
  const { rpcs } = await interruptAfter(
    1_500,
    { create: [conflict], list: [[existing]], get: [existing] },
    declared({ adoptExisting: true, waitForReady: true }),
  );
  expect(rpcs()).toEqual(["create", "list", "get"]);
});

test("an answer to the create that comes a little later is waited for, and its pool deleted", async () => {
  const { rpcs, took } = await interruptAfter(500, (made) => ({
    create: [late(() => made().clock, 2_000, pending)],
    delete: [undefined],
  }));
  expect(rpcs()).toEqual(["create", "delete"]);
  expect(took).toBe(1_500);
});

test("a create without an answer is looked for, and what it made deleted", async () => {
  const { rpcs, took } = await interruptAfter(500, { create: [hangs()], list: [[pending]], delete: [undefined] });
  expect(rpcs()).toEqual(["create", "list", "delete"]);
  expect(took).toBeLessThan(exitTimeoutMs);
});

test("a create without an answer that cannot be looked for is told to people, who hear nothing else of it", async () => {
  const { rpcs, warnings } = await interruptAfter(500, { create: [hangs()], list: [refusal("unavailable")] });
  expect(rpcs()).toEqual(["create", "list"]);
  expect(warnings).toEqual([
    expect.stringMatching(/^interrupted while .*could not determine whether the warm pool was created/),
  ]);
});

test("a pool that is not ours is left alone", async () => {
  const { rpcs } = await interruptAfter(500, { create: [hangs()], list: [[existing]] });
  expect(rpcs()).toEqual(["create", "list"]);
});

test("even where every answer is as late as it may be, there is an end before the process is killed", async () => {
  const { rpcs, took, warnings } = await interruptAfter(500, (made) => ({
    create: [hangs()],
    list: [late(() => made().clock, 1_290, [pending])],
    delete: [hangs()],
  }));
  expect(rpcs()).toEqual(["create", "list", "delete"]);
  expect(took).toBeLessThan(exitTimeoutMs);
  expect(warnings).toEqual([
    expect.stringMatching(
      new RegExp(`^${poolId}: interrupted, and the new warm pool could not be deleted: .*by its id`),
    ),
  ]);
});

test("while it looks for a pool of unknown outcome, it looks once more and deletes what it finds", async () => {
  const lost = refusal("unavailable", { origin: "network" });
  const { rpcs, took } = await interruptAfter(500, {
    create: [lost],
    list: [[], [pending]],
    delete: [undefined],
  });
  expect(rpcs()).toEqual(["create", "list", "list", "delete"]);
  expect(took).toBe(0);
});

test("while it waits for another pool to drain, nothing is made any more", async () => {
  const going = live({ phase: "DELETING" });
  const { rpcs } = await interruptAfter(500, { create: [conflict], list: [[going]], get: [going] });
  expect(rpcs()).toEqual(["create", "list", "get"]);
});

test("while it waits to try again after a conflict, nothing is made any more", async () => {
  const { rpcs } = await interruptAfter(500, { create: [conflict], list: [[]] });
  expect(rpcs()).toEqual(["create", "list"]);
});

test("before it began, nothing is made at all", async () => {
  const { context, calls, clock } = bench({ create: [pending], delete: [undefined] });
  const create = createWarmPool(context, declared(), AbortSignal.abort(new Error("told to end")));
  await expect(clock.run(create)).rejects.toThrow("told to end");
  expect(calls).toEqual([]);
});

test("one that has come too late finds a finished pool, which stays", async () => {
  const interrupt = new AbortController();
  const { context, clock, rpcs } = bench({ create: [live()] });
  await clock.run(createWarmPool(context, declared(), interrupt.signal));
  interrupt.abort();
  await clock.advance(10_000);
  expect(rpcs()).toEqual(["create"]);
});
