/** A process that is told to end while a run is being started: the run is cancelled and deleted before the engine kills the process. */
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

/** Interrupts a create after some time, and sees it fail before the process is killed. */
async function interruptAfter(
  milliseconds: number,
  script: Script | ((made: () => Bench) => Script),
  inputs = declared(),
): Promise<Interrupted> {
  const made: Bench = bench(typeof script === "function" ? script(() => made) : script);
  const took = await interruptCreate(made.clock, milliseconds, (interrupt) =>
    createPrebuild(made.context, inputs, interrupt),
  );
  expect(took).toBeLessThan(exitTimeoutMs);
  return { ...made, took };
}

describe("while it waits", () => {
  const waiting = { create: [pending()], get: [running()] };

  test("the new run is cancelled and deleted at once", async () => {
    const { rpcs, sent, took, progress, warnings } = await interruptAfter(1_500, { ...waiting, ...undo });
    expect(rpcs()).toEqual(["create", "get", "cancel", "delete"]);
    expect([sent("cancel"), sent("delete")]).toEqual([[prebuildId], [prebuildId]]);
    expect(took).toBe(0);
    expect(progress.at(-1)).toBe(undone);
    expect(warnings).toEqual([]);
  });

  test("a deletion that is refused while the run is being cancelled is tried again", async () => {
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
    ["is being cancelled by somebody", stillRunning, cancelling],
    ["was cancelled, though the answer was lost", lost, cancelled],
    ["is gone", refusal("not_found"), refusal("not_found")],
  ])("a run that %s is deleted", async (_what, refused, now) => {
    const { rpcs, progress } = await interruptAfter(500, {
      create: [pending()],
      get: [now],
      cancel: [refused],
      delete: [undefined],
    });
    expect(rpcs()).toEqual(["create", "cancel", "get", "delete"]);
    expect(progress.at(-1)).toBe(undone);
  });

  test("a cancellation that was lost is sent again, and once it counts no more", async () => {
    const { rpcs, progress } = await interruptAfter(500, {
      ...waiting,
      cancel: [lost, cancelling],
      delete: [stillRunning, undefined],
    });
    expect(rpcs()).toEqual(["create", "cancel", "get", "cancel", "delete", "delete"]);
    expect(progress.at(-1)).toBe(undone);
  });

  test("a cancellation that is refused for good is a warning with the id and what to do", async () => {
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
    ["gets no answer", [hangs<undefined>()], 1_300],
  ])("a deletion that %s is a warning that says that the run is cancelled", async (_how, answers, expected) => {
    const { took, warnings } = await interruptAfter(500, { ...waiting, cancel: [cancelling], delete: answers });
    expect(took).toBe(expected);
    expect(warnings).toEqual([
      expect.stringMatching(
        `^${prebuildId}: interrupted, and the new prebuild was canceled, but could not be deleted: .* Delete it by its id$`,
      ),
    ]);
  });

  test("a cancellation that gets no answer is a warning as well", async () => {
    const { took, warnings } = await interruptAfter(500, { ...waiting, cancel: [hangs()] });
    expect(took).toBe(1_300);
    expect(warnings).toEqual([expect.stringMatching(/could not be canceled and deleted/)]);
  });
});

test("as the run completes, it is deleted all the same: nobody is left to note that it has", async () => {
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

test("while the log of a failed run is read, it ends and the run is deleted", async () => {
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

describe("while the answer to the create is outstanding", () => {
  test("one that comes a little later is waited for, and its run undone", async () => {
    const { rpcs, took, progress } = await interruptAfter(500, (made) => ({
      create: [late(() => made().clock, 2_000, pending())],
      ...undo,
    }));
    expect(rpcs()).toEqual(["create", "cancel", "delete"]);
    expect(took).toBe(1_500);
    expect(progress).toEqual([undone]);
  });

  test("one that does not come is looked for, and what it started undone", async () => {
    const { rpcs, progress } = await interruptAfter(500, { create: [hangs()], list: [[pending()]], ...undo });
    expect(rpcs()).toEqual(["create", "list", "cancel", "delete"]);
    expect(progress).toEqual([found, undone]);
  });

  test("even where every answer is as late as it may be, there is an end before the process is killed", async () => {
    const { rpcs, warnings } = await interruptAfter(500, (made) => ({
      create: [hangs()],
      list: [late(() => made().clock, 1_290, [pending()])],
      cancel: [late(() => made().clock, 1_290, cancelling)],
      delete: [hangs()],
    }));
    expect(rpcs()).toEqual(["create", "list", "cancel", "delete"]);
    expect(warnings).toEqual([expect.stringMatching(/was canceled, but could not be deleted/)]);
  });

  test("a run that is not ours is left alone, and people are told where to look", async () => {
    const older = live({ createdAt: new Date(epoch - 60_000).toISOString() });
    const { rpcs, warnings } = await interruptAfter(500, { create: [hangs()], list: [[older]] });
    expect(rpcs()).toEqual(["create", "list"]);
    expect(warnings).toEqual([expect.stringMatching(/^interrupted while starting a prebuild: .*No new prebuild/)]);
  });

  test("runs of which nobody can tell whose they are are left alone and named", async () => {
    const { rpcs, warnings } = await interruptAfter(500, {
      create: [hangs()],
      list: [[pending(), pending({ id: "another" })]],
    });
    expect(rpcs()).toEqual(["create", "list"]);
    expect(warnings).toEqual([expect.stringMatching(`${prebuildId} .*another `)]);
  });

  test("a refusal is the end: there is nothing to undo", async () => {
    const { rpcs, warnings } = await interruptAfter(500, (made) => ({
      create: [late<PrebuildMessage>(() => made().clock, 1_000, refusal("permission_denied"))],
    }));
    expect(rpcs()).toEqual(["create"]);
    expect(warnings).toEqual([]);
  });
});

describe("while it looks for a run whose answer was lost", () => {
  test("it looks once more and undoes what it finds", async () => {
    const { rpcs, took, progress } = await interruptAfter(500, {
      create: [lost],
      list: [[], [pending()]],
      ...undo,
    });
    expect(rpcs()).toEqual(["create", "list", "list", "cancel", "delete"]);
    expect(took).toBe(0);
    expect(progress).toEqual([found, undone]);
  });

  test("an answer to the list that does not come is asked for once more", async () => {
    const { rpcs, took } = await interruptAfter(500, { create: [lost], list: [hangs(), [pending()]], ...undo });
    expect(rpcs()).toEqual(["create", "list", "list", "cancel", "delete"]);
    expect(took).toBe(0);
  });

  test("and cannot look in time, people are told where to", async () => {
    const { rpcs, took, warnings } = await interruptAfter(500, { create: [lost], list: [hangs()] });
    expect(rpcs()).toEqual(["create", "list", "list"]);
    expect(took).toBe(1_300);
    expect(warnings).toEqual([expect.stringMatching(/^interrupted.*checking for it also failed.*Check project/)]);
  });
});

test("with another create under way in the same project, both are undone before the process is killed", async () => {
  const [first, second] = [pending({ id: "first" }), pending({ id: "second" })];
  const made: Bench = bench({
    create: [lost, hangs()],
    list: [[first, second]],
    get: [running()],
    ...undo,
  });
  const took = await interruptCreate(made.clock, 500, async (interrupt) => {
    const create = () => createPrebuild(made.context, declared(), interrupt);
    await Promise.allSettled([create(), create()]);
    throw new Error("both are over");
  });
  expect(took).toBeLessThan(exitTimeoutMs);
  expect(made.sent("cancel").sort()).toEqual(["first", "second"]);
  expect(made.sent("delete").sort()).toEqual(["first", "second"]);
});

test("while it lists what is there already, nothing is started", async () => {
  const { rpcs, took, warnings } = await interruptAfter(500, { before: [hangs()] });
  expect(rpcs()).toEqual(["before"]);
  expect(took).toBe(0);
  expect(warnings).toEqual([]);
});

test("before it began, nothing is started at all", async () => {
  const { context, calls, clock } = bench({ create: [pending()], ...undo });
  const create = createPrebuild(context, declared(), AbortSignal.abort(new Error("told to end")));
  await expect(clock.run(create)).rejects.toThrow("told to end");
  expect(calls).toEqual([]);
});

test("one that has come too late finds a completed prebuild, which stays", async () => {
  const interrupt = new AbortController();
  const { context, clock, rpcs } = bench({ create: [live()] });
  await clock.run(createPrebuild(context, declared(), interrupt.signal));
  interrupt.abort();
  await clock.advance(10_000);
  expect(rpcs()).toEqual(["create"]);
});
