/** A process that is told to exit during a create: it cancels and deletes the new run before the engine kills it. */
import type { PrebuildMessage } from "../../src/client/index.js";
import { createPrebuild } from "../../src/prebuild/lifecycle.js";
import { exitTimeoutMs } from "../../src/lifecycle/interrupt.js";
import { epoch } from "../support/fake-clock.js";
import { prebuildId } from "../support/messages.js";
import { type Bench, bench, type Script } from "../support/prebuild-api.js";
import { declared, live, pending, running } from "../support/prebuilds.js";
import { hangs, interruptAfter as interruptCreate, late, refusal } from "../support/scripted.js";

const lost = refusal("unavailable", { origin: "network" });
const cancelling = running({ phase: "CANCELLING" });
const cancelled = live({ phase: "CANCELLED" });
const stillRunning = refusal("failed_precondition");
const undo = { cancel: [cancelling], delete: [undefined] };
const undone = `${prebuildId}: interrupted: the new prebuild is canceled and being deleted again`;
const found = expect.stringMatching(`${prebuildId}: it was created although`) as string;

interface Interrupted extends Bench {
  /** Milliseconds from the interrupt to the end of the create. */
  readonly took: number;
}

/** Interrupts a create after some time and expects it to fail before the process is killed. */
async function interruptAfter(
  milliseconds: number,
  script: Script | ((made: () => Bench) => Script),
  inputs = declared(),
): Promise<Interrupted> {
  const made: Bench = bench(typeof script === "function" ? script(() => made) : script);
  const took = await interruptCreate(made.clock, milliseconds, (interrupt) =>
    createPrebuild(made.context, inputs, { interrupt }),
  );
  expect(took).toBeLessThan(exitTimeoutMs);
  return { ...made, took };
}

describe("an interrupted wait", () => {
  const waiting = { create: [pending()], get: [running()] };

  test("cancels and deletes the new run at once", async () => {
    const { rpcs, sent, took, progress, warnings } = await interruptAfter(1_500, { ...waiting, ...undo });
    expect(rpcs()).toEqual(["create", "get", "cancel", "delete"]);
    expect([sent("cancel"), sent("delete")]).toEqual([[prebuildId], [prebuildId]]);
    expect(took).toBe(0);
    expect(progress.at(-1)).toBe(undone);
    expect(warnings).toEqual([]);
  });

  test("retries a deletion that is refused during the cancellation", async () => {
    const { calls, took, progress } = await interruptAfter(500, {
      ...waiting,
      cancel: [cancelling],
      delete: [stillRunning, refusal("aborted"), undefined],
    });
    expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
      ["create", 0],
      ["cancel", 500],
      ["delete", 500],
      ["delete", 700],
      ["delete", 900],
    ]);
    expect(took).toBe(400);
    expect(progress.at(-1)).toBe(undone);
  });

  test.each([
    ["has ended already", stillRunning, live()],
    ["is being canceled by someone else", stillRunning, cancelling],
    ["was cancelled, though the answer was lost", lost, cancelled],
    ["is gone", refusal("not_found"), refusal("not_found")],
  ])("deletes a run that %s", async (_what, refused, now) => {
    const { rpcs, progress } = await interruptAfter(500, {
      create: [pending()],
      get: [now],
      cancel: [refused],
      delete: [undefined],
    });
    expect(rpcs()).toEqual(["create", "cancel", "get", "delete"]);
    expect(progress.at(-1)).toBe(undone);
  });

  test("repeats a cancellation that was lost, but not one that took effect", async () => {
    const { rpcs, progress } = await interruptAfter(500, {
      ...waiting,
      cancel: [lost, cancelling],
      delete: [stillRunning, undefined],
    });
    expect(rpcs()).toEqual(["create", "cancel", "get", "cancel", "delete", "delete"]);
    expect(progress.at(-1)).toBe(undone);
  });

  test("warns with the id and what to do if the cancellation is refused", async () => {
    const { rpcs, warnings } = await interruptAfter(500, { ...waiting, cancel: [refusal("permission_denied")] });
    expect(rpcs()).toEqual(["create", "cancel", "get"]);
    expect(warnings).toEqual([
      expect.stringMatching(
        `^${prebuildId}: interrupted, and the new prebuild could not be canceled and deleted: .*permission_denied.* Cancel and delete it by its id$`,
      ),
    ]);
  });

  test.each([
    ["is refused for good", [refusal("permission_denied")], 0],
    ["is refused for too long", [stillRunning], 1_300],
    ["gets no response", [hangs<undefined>()], 1_300],
  ])("warns that the run is canceled if the deletion %s", async (_how, answers, expected) => {
    const { took, warnings } = await interruptAfter(500, { ...waiting, cancel: [cancelling], delete: answers });
    expect(took).toBe(expected);
    expect(warnings).toEqual([
      expect.stringMatching(
        `^${prebuildId}: interrupted, and the new prebuild was canceled, but could not be deleted: .* Delete it by its id$`,
      ),
    ]);
  });

  test("warns if the cancellation gets no response", async () => {
    const { took, warnings } = await interruptAfter(500, { ...waiting, cancel: [hangs()] });
    expect(took).toBe(1_300);
    expect(warnings).toEqual([expect.stringMatching(/could not be canceled and deleted/)]);
  });
});

test("an interrupted wait also deletes a run that completes meanwhile", async () => {
  const { rpcs, progress } = await interruptAfter(1_500, (made) => ({
    create: [pending()],
    // An answer that is not stopped any more.
    get: [
      () =>
        made()
          .clock.sleep(1_000)
          .then(() => live()),
      live(),
    ],
    cancel: [stillRunning],
    delete: [undefined],
  }));
  expect(rpcs()).toEqual(["create", "get", "cancel", "get", "delete"]);
  expect(progress.at(-1)).toBe(undone);
});

test("an interrupt ends the reading of a failed run's log and deletes the run", async () => {
  const failed = live({ phase: "FAILED" });
  const { rpcs, took, progress } = await interruptAfter(500, {
    create: [failed],
    token: ["t"],
    log: [hangs()],
    get: [failed],
    cancel: [stillRunning],
    delete: [undefined],
  });
  expect(rpcs()).toEqual(["create", "token", "log", "cancel", "get", "delete"]);
  expect(took).toBe(0);
  expect(progress.at(-1)).toBe(undone);
});

describe("a create that is interrupted before its response", () => {
  test("waits for a late response and undoes its run", async () => {
    const { rpcs, took, progress } = await interruptAfter(500, (made) => ({
      create: [late(() => made().clock, 2_000, pending())],
      ...undo,
    }));
    expect(rpcs()).toEqual(["create", "cancel", "delete"]);
    expect(took).toBe(1_500);
    expect(progress).toEqual([undone]);
  });

  test("searches for its run without a response and undoes it", async () => {
    const { rpcs, progress, warnings } = await interruptAfter(500, {
      create: [hangs()],
      list: [[pending()]],
      ...undo,
    });
    expect(rpcs()).toEqual(["create", "list", "cancel", "delete"]);
    expect([warnings[0], ...progress]).toEqual([found, undone]);
  });

  test("ends before the process is killed even if every response is late", async () => {
    const { rpcs, warnings } = await interruptAfter(500, (made) => ({
      create: [hangs()],
      list: [late(() => made().clock, 1_290, [pending()])],
      cancel: [late(() => made().clock, 1_290, cancelling)],
      delete: [hangs()],
    }));
    expect(rpcs()).toEqual(["create", "list", "cancel", "delete"]);
    expect(warnings).toEqual([found, expect.stringMatching(/was canceled, but could not be deleted/)]);
  });

  test("leaves the run of someone else alone and warns the user", async () => {
    const older = live({ createdAt: new Date(epoch - 60_000).toISOString() });
    const { rpcs, warnings } = await interruptAfter(500, { create: [hangs()], list: [[older]] });
    expect(rpcs()).toEqual(["create", "list"]);
    expect(warnings).toEqual([expect.stringMatching(/^interrupted while starting a prebuild: .*No new prebuild/)]);
  });

  test("leaves undecided runs alone and names them", async () => {
    const { rpcs, warnings } = await interruptAfter(500, {
      create: [hangs()],
      list: [[pending(), pending({ id: "another" })]],
    });
    expect(rpcs()).toEqual(["create", "list"]);
    expect(warnings).toEqual([expect.stringMatching(`${prebuildId} .*another `)]);
  });

  test("undoes nothing after a refusal", async () => {
    const { rpcs, warnings } = await interruptAfter(500, (made) => ({
      create: [late<PrebuildMessage>(() => made().clock, 1_000, refusal("permission_denied"))],
    }));
    expect(rpcs()).toEqual(["create"]);
    expect(warnings).toEqual([]);
  });
});

describe("an interrupted search for a lost run", () => {
  test("searches once more and undoes the run", async () => {
    const { rpcs, took, progress, warnings } = await interruptAfter(500, {
      create: [lost],
      list: [[], [pending()]],
      ...undo,
    });
    expect(rpcs()).toEqual(["create", "list", "list", "cancel", "delete"]);
    expect(took).toBe(0);
    expect([warnings[0], ...progress]).toEqual([found, undone]);
  });

  test("repeats a list without a response", async () => {
    const { rpcs, took } = await interruptAfter(500, { create: [lost], list: [hangs(), [pending()]], ...undo });
    expect(rpcs()).toEqual(["create", "list", "list", "cancel", "delete"]);
    expect(took).toBe(0);
  });

  test("waits no longer for whose token it is than the search may take", async () => {
    const { context, clock, rpcs, progress } = bench({
      create: [lost],
      list: [[pending()]],
      identity: [hangs()],
      ...undo,
    });
    const interrupt = new AbortController();
    const failed = expect(createPrebuild(context, declared(), { interrupt: interrupt.signal })).rejects.toThrow(
      "told to end",
    );
    await clock.advance(500);
    interrupt.abort(new Error("told to end"));
    await clock.run(failed);
    expect(clock.monotonic()).toBe(1_800);
    expect(rpcs()).toEqual(["create", "list", "identity", "list", "cancel", "delete"]);
    expect(progress).toEqual([undone]);
  });

  test("warns the user if the list gets no response in time", async () => {
    const { rpcs, took, warnings } = await interruptAfter(500, { create: [lost], list: [hangs()] });
    expect(rpcs()).toEqual(["create", "list", "list"]);
    expect(took).toBe(1_300);
    expect(warnings).toEqual([expect.stringMatching(/^interrupted.*checking for it also failed.*Check project/)]);
  });
});

test("two interrupted creates of a project are both undone before the process is killed", async () => {
  const [first, second] = [pending({ id: "first" }), pending({ id: "second" })];
  const made: Bench = bench({
    create: [lost, hangs()],
    list: [[first, second]],
    get: [running()],
    ...undo,
  });
  const took = await interruptCreate(made.clock, 500, async (interrupt) => {
    const create = () => createPrebuild(made.context, declared(), { interrupt });
    await Promise.allSettled([create(), create()]);
    throw new Error("both are over");
  });
  expect(took).toBeLessThan(exitTimeoutMs);
  expect(made.sent("cancel").sort()).toEqual(["first", "second"]);
  expect(made.sent("delete").sort()).toEqual(["first", "second"]);
});

test("an interrupt before the create sends no request", async () => {
  const { context, calls, clock } = bench({ create: [pending()], ...undo });
  const create = createPrebuild(context, declared(), { interrupt: AbortSignal.abort(new Error("told to end")) });
  await expect(clock.run(create)).rejects.toThrow("told to end");
  expect(calls).toEqual([]);
});

test("an interrupt after the create keeps the prebuild", async () => {
  const interrupt = new AbortController();
  const { context, clock, rpcs } = bench({ create: [live()] });
  await clock.run(createPrebuild(context, declared(), { interrupt: interrupt.signal }));
  interrupt.abort();
  await clock.advance(10_000);
  expect(rpcs()).toEqual(["create"]);
});
