/** A process that is told to exit during a create: it deletes the new pool before the engine kills it. */
import { ExpectedError } from "../../src/util/expected-error.js";
import { exitTimeoutMs } from "../../src/lifecycle/interrupt.js";
import { createWarmPool, deleteWarmPool, updateWarmPool } from "../../src/warm-pool/lifecycle.js";
import { epoch } from "../support/fake-clock.js";
import { poolId } from "../support/messages.js";
import { type Bench, bench, type Script } from "../support/pool-api.js";
import { declared, kept as state, live } from "../support/pools.js";
import { failureOf, hangs, interruptAfter as interruptCreate, keptOf, late, refusal } from "../support/scripted.js";

const pending = live({ phase: "PENDING" });
const conflict = refusal("already_exists");
const existing = live({ createdAt: new Date(epoch - 60_000).toISOString(), phase: "PENDING" });

interface Interrupted extends Bench {
  /** Milliseconds from the interrupt to the end of the create. */
  readonly took: number;
}

/** Interrupts a create after some time and expects it to fail. */
async function interruptAfter(
  milliseconds: number,
  script: Script | ((made: () => Bench) => Script),
  inputs = declared({ waitForReady: true }),
): Promise<Interrupted> {
  const made: Bench = bench(typeof script === "function" ? script(() => made) : script);
  const took = await interruptCreate(made.clock, milliseconds, (interrupt) =>
    createWarmPool(made.context, inputs, { interrupt }),
  );
  return { ...made, took };
}

test("an interrupted wait deletes the new pool at once", async () => {
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

test("an interrupted create keeps an adopted pool", async () => {
  const { rpcs } = await interruptAfter(
    1_500,
    { create: [conflict], list: [[existing]], get: [existing] },
    declared({ adoptExisting: true, waitForReady: true }),
  );
  expect(rpcs()).toEqual(["create", "list", "get"]);
});

test("an interrupted create waits for a late response and deletes its pool", async () => {
  const { rpcs, took } = await interruptAfter(500, (made) => ({
    create: [late(() => made().clock, 2_000, pending)],
    delete: [undefined],
  }));
  expect(rpcs()).toEqual(["create", "delete"]);
  expect(took).toBe(1_500);
});

test("an interrupted create without a response searches for its pool and deletes it", async () => {
  const { rpcs, took } = await interruptAfter(500, { create: [hangs()], list: [[pending]], delete: [undefined] });
  expect(rpcs()).toEqual(["create", "list", "delete"]);
  expect(took).toBeLessThan(exitTimeoutMs);
});

test("an interrupted create whose search fails warns the user", async () => {
  const { rpcs, warnings } = await interruptAfter(500, { create: [hangs()], list: [refusal("unavailable")] });
  expect(rpcs()).toEqual(["create", "list"]);
  expect(warnings).toEqual([
    expect.stringMatching(/^interrupted while .*could not determine whether the warm pool was created/),
  ]);
});

test("an interrupted create leaves the pool of someone else alone", async () => {
  const { rpcs } = await interruptAfter(500, { create: [hangs()], list: [[existing]] });
  expect(rpcs()).toEqual(["create", "list"]);
});

test("an interrupted create ends before the process is killed even if every response is late", async () => {
  const { rpcs, took, warnings } = await interruptAfter(500, (made) => ({
    create: [hangs()],
    list: [late(() => made().clock, 1_290, [pending])],
    delete: [hangs()],
  }));
  expect(rpcs()).toEqual(["create", "list", "delete"]);
  expect(took).toBeLessThan(exitTimeoutMs);
  expect(warnings).toEqual([
    expect.stringMatching(/it was created although [^`]*maxSize 4$/),
    expect.stringMatching(
      new RegExp(`^${poolId}: interrupted, and the new warm pool could not be deleted: .*by its id`),
    ),
  ]);
});

test("an interrupted search searches once more and deletes the pool", async () => {
  const lost = refusal("unavailable", { origin: "network" });
  const { rpcs, took } = await interruptAfter(500, {
    create: [lost],
    list: [[], [pending]],
    delete: [undefined],
  });
  expect(rpcs()).toEqual(["create", "list", "list", "delete"]);
  expect(took).toBe(0);
});

test("an interrupted wait for an old pool creates nothing", async () => {
  const going = live({ phase: "DELETING" });
  const { rpcs } = await interruptAfter(500, { create: [conflict], list: [[going]], get: [going] });
  expect(rpcs()).toEqual(["create", "list", "get"]);
});

test("an interrupted pause after a conflict creates nothing", async () => {
  const { rpcs } = await interruptAfter(500, { create: [conflict], list: [[]] });
  expect(rpcs()).toEqual(["create", "list"]);
});

test("an interrupt before the create sends no request", async () => {
  const { context, calls, clock } = bench({ create: [pending], delete: [undefined] });
  const create = createWarmPool(context, declared(), { interrupt: AbortSignal.abort(new Error("told to end")) });
  await expect(clock.run(create)).rejects.toThrow("told to end");
  expect(calls).toEqual([]);
});

test("an interrupt after the create keeps the pool", async () => {
  const interrupt = new AbortController();
  const { context, clock, rpcs } = bench({ create: [live()] });
  await clock.run(createWarmPool(context, declared(), { interrupt: interrupt.signal }));
  interrupt.abort();
  await clock.advance(10_000);
  expect(rpcs()).toEqual(["create"]);
});

describe("with a host that can still store an id", () => {
  /** Runs an operation, interrupts it after 1.5 s, and returns its failure. */
  async function failureAfterInterrupt(script: Script, run: (made: Bench, interrupt: AbortSignal) => Promise<unknown>) {
    const [made, interrupt] = [bench(script), new AbortController()];
    const keeping = { ...made, context: { ...made.context, onInterrupt: "keep" as const } };
    const failure = failureOf(made.clock, run(keeping, interrupt.signal));
    await made.clock.advance(1_500);
    interrupt.abort(new ExpectedError("interrupted"));
    const error = await failure;
    expect(made.clock.monotonic()).toBe(1_500);
    return { ...made, error };
  }
  const waiting = { create: [pending], update: [pending], get: [pending], delete: [undefined] };
  const kept = [
    `The warm pool ${poolId} exists (PENDING), but the wait was interrupted.`,
    "It stays in state and the next `pulumi up` continues.",
  ].join(" ");

  test("an interrupted create fails at once and keeps the pool's id", async () => {
    const { error, rpcs } = await failureAfterInterrupt(waiting, ({ context }, interrupt) =>
      createWarmPool(context, declared({ waitForReady: true }), { interrupt }),
    );
    expect(keptOf(error, poolId)).toMatchObject({ phase: "PENDING", __unfinished: true });
    expect(error.message).toBe(kept);
    expect(rpcs()).toEqual(["create", "get"]);
  });

  test("an interrupted update fails at once and keeps the new sizes", async () => {
    const { error } = await failureAfterInterrupt(waiting, ({ context }, interrupt) =>
      updateWarmPool(context, poolId, state(), declared({ minSize: 3, waitForReady: true }), { interrupt }),
    );
    expect(keptOf(error, poolId)).toMatchObject({ __unfinished: true });
    expect(error.message).toBe(kept);
  });

  test("an interrupted delete fails at once, and the pool stays in state", async () => {
    const going = { delete: [undefined], get: [live({ phase: "DELETING" })] };
    const { error } = await failureAfterInterrupt(going, ({ context }, interrupt) =>
      deleteWarmPool(context, poolId, state(), { interrupt }),
    );
    expect(error.message).toBe(
      `The warm pool ${poolId} was not deleted before the interrupt. It stays in state. A deletion that has started continues in Ona. Run the command again.`,
    );
  });
});
