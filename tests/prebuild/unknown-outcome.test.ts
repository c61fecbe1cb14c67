/** A create whose response was lost: it searches before it fails, and never repeats the request. */
import { type IdentityMessage, isOutcomeUnknown } from "../../src/client/index.js";
import { PartialFailure } from "../../src/lifecycle/failures.js";
import { createPrebuild } from "../../src/prebuild/lifecycle.js";
import { epoch } from "../support/fake-clock.js";
import { prebuildId, projectId } from "../support/messages.js";
import { bench, type Script } from "../support/prebuild-api.js";
import { create, failedCreate, keptBy } from "../support/prebuild-life.js";
import { bare, colleagueId, creatorId, declared, identity, kept, live, pending } from "../support/prebuilds.js";
import { failureOf, hangs, late, refusal, unknownOutcomes } from "../support/scripted.js";

const lost = refusal("unavailable", { origin: "network", sent: true });
const at = (milliseconds: number) => ({ createdAt: new Date(epoch + milliseconds).toISOString() });
const anotherId = "6e1b1c2d-7f0e-4f43-8b0f-2a4e5f9c7d11";
const foreign = live({ createdAt: new Date(epoch - 1).toISOString() });

test.each(unknownOutcomes)("after %s a create finds the run that it started", async (_what, failure) => {
  expect(isOutcomeUnknown(failure)).toBe(true);
  const { result, rpcs, sent, warnings } = await create({ create: [failure], list: [[live()]] });
  expect(rpcs()).toEqual(["create", "list"]);
  expect(sent("list")).toEqual([{ projectIds: [projectId], triggeredBy: ["PREBUILD_TRIGGER_MANUAL"] }]);
  expect(result).toStrictEqual({ id: prebuildId, state: kept() });
  expect(warnings[0]).toContain(`${prebuildId}: it was created although Rpc failed (${failure.code}): requested at `);
});

test("does not search after a request that was stopped before it was sent", async () => {
  const { context, clock, rpcs } = bench({ create: [lost], list: [[live()]] });
  const { createPrebuild: start } = context.client;
  const unsent = { ...context.client, createPrebuild: (...[request]: Parameters<typeof start>) => start(request) };
  const error = await failureOf(clock, createPrebuild({ ...context, client: unsent }, declared()));
  expect(error.message).toContain("lost the connection");
  expect(rpcs()).toEqual(["create"]);
});

test("waits for a run that it found", async () => {
  const { result, rpcs } = await create({ create: [lost], list: [[pending()]], get: [pending(), live()] });
  expect(rpcs()).toEqual(["create", "list", "get", "get"]);
  expect(result.state).toStrictEqual(kept());
});

test("searches three times within 3 s", async () => {
  const { result, calls } = await create({ create: [lost], list: [[], [foreign], [foreign, live()]] });
  expect(result.id).toBe(prebuildId);
  expect(calls.map(({ rpc, at }) => [rpc, at])).toEqual([
    ["create", 0],
    ["list", 0],
    ["list", 1_000],
    ["list", 3_000],
  ]);
});

test.each([
  ["nothing", []],
  ["only the runs of others", [foreign, live({ triggeredBy: "SCHEDULED" })]],
])("fails without a second request if it finds %s", async (_what, listed) => {
  const { error, rpcs } = await failedCreate({ create: [lost], list: [listed] });
  expect(error).not.toBeInstanceOf(PartialFailure);
  expect(error.message).toMatch(/^Rpc: lost the connection.*No new prebuild of the project was found.*pulumi up/);
  expect(error.message).toContain(`project ${projectId}`);
  expect(rpcs()).toEqual(["create", "list", "list", "list"]);
});

test("names several candidates and does not repeat the request", async () => {
  const other = live({ id: "other", phase: "RUNNING", creatorId: undefined });
  const { error, rpcs } = await failedCreate({ create: [lost], list: [[live(), other]] });
  expect(error).not.toBeInstanceOf(PartialFailure);
  expect(error.message).toMatch(/could not determine whether this started a prebuild.*The request was not repeated/);
  expect(error.message).toContain(`${prebuildId} (COMPLETED, created at 2026-03-01T12:00:00.000Z by ${creatorId})`);
  expect(error.message).toContain("other (RUNNING, created at 2026-03-01T12:00:00.000Z by an unknown user)");
  expect(rpcs()).toEqual(["create", "list"]);
});

test("names five of many candidates", async () => {
  const many = Array.from({ length: 40 }, (_, run) => live({ id: `run-${run}` }));
  const { error } = await failedCreate({ create: [lost], list: [many] });
  expect(error.message).toContain("run-4 ");
  expect(error.message).not.toContain("run-5 ");
  expect(error.message).toContain("and 35 more.");
});

test("leaves runs undecided if the server's time is unknown", async () => {
  const { error } = await failedCreate({ create: [lost], list: [[live()]], serverTimeAt: () => undefined });
  expect(error.message).toMatch(/could not determine whether this started a prebuild/);
});

test("reports an unknown outcome if the search fails", async () => {
  const { error, rpcs, warnings } = await failedCreate({ create: [lost], list: [refusal("permission_denied")] });
  expect(error).not.toBeInstanceOf(PartialFailure);
  expect(warnings).toEqual([]);
  expect(error.message).toMatch(
    /could not determine whether the prebuild was created: checking for it also failed.*permission_denied/,
  );
  expect(error.message).toMatch(new RegExp(`The request was not repeated. Check project ${projectId}`));
  expect(rpcs()).toEqual(["create", "list"]);
});

test("searches for a minute at most", async () => {
  const { error, clock } = await failedCreate({ create: [lost], list: [hangs()] });
  expect(error.message).toMatch(/checking for it also failed/);
  expect(clock.monotonic()).toBe(60_000);
});

test("finds its run after the create timeout and keeps it", async () => {
  const { error, rpcs } = await failedCreate({ create: [hangs()], list: [[pending()]] }, declared(), {
    timeoutMs: 5_000,
  });
  expect(keptBy(error)).toMatchObject({ phase: "PENDING", __unfinished: true });
  expect(error.message).toContain("did not complete within 5s");
  expect(rpcs()).toEqual(["create", "list"]);
});

describe("whose token it is", () => {
  const late = live({ createdAt: new Date(epoch + 10_001).toISOString() });
  const refused = refusal("permission_denied");

  test("is asked only after a lost response", async () => {
    expect((await create({ create: [live()], identity: [identity()] })).rpcs()).toEqual(["create"]);
    const { rpcs } = await create({ create: [lost], list: [[], [live()]], identity: [identity()] });
    expect(rpcs()).toEqual(["create", "list", "identity", "list"]);
  });

  test("decides between the runs of several users", async () => {
    const foreign = live({ id: anotherId, creatorId: colleagueId });
    const { result } = await create({ create: [lost], list: [[foreign, live()]] });
    expect(result.id).toBe(prebuildId);
    const { error } = await failedCreate({ create: [lost], list: [[foreign]] });
    expect(error.message).toMatch(/No new prebuild of the project was found/);
  });

  test.each([
    ["is refused", refused, 0],
    ["is unknown to the server", refusal("unimplemented"), 0],
    ["gets no response", hangs<IdentityMessage>(), 10_000],
  ])("does not matter for a run that started soon after the request: %s", async (_what, answer, took) => {
    const { result, clock } = await create({ create: [lost], list: [[live()]], identity: [answer] });
    expect(result.id).toBe(prebuildId);
    expect(clock.monotonic()).toBe(took);
  });

  test("decides about a run that started late", async () => {
    expect((await create({ create: [lost], list: [[late]] })).result.id).toBe(prebuildId);
    const { error, rpcs } = await failedCreate({ create: [lost], list: [[late]], identity: [refused] });
    expect(error.message).toMatch(/could not determine whether this started a prebuild/);
    expect(rpcs()).toEqual(["create", "list", "identity"]);
  });
});

describe("a process that starts several runs", () => {
  /** Starts runs one after the other, or all at once, and gives their ids or failures. */
  async function start(
    script: (made: () => ReturnType<typeof bench>) => Script,
    all: readonly (typeof bare)[],
    timeoutMs?: number,
  ) {
    const made: ReturnType<typeof bench> = bench(script(() => made));
    const creates = all.map((inputs) =>
      createPrebuild(made.context, inputs, { timeoutMs }).then(
        ({ id }) => id,
        (error: unknown) => (error instanceof Error ? error.message : "?"),
      ),
    );
    const ended = await made.clock.run(Promise.all(creates));
    expect(made.clock.pending).toEqual([]);
    return { ...made, ended };
  }
  const same = [declared(), declared()];

  test("does not claim the run in the response to another create", async () => {
    const { ended } = await start(() => ({ create: [live(), lost], list: [[live()]] }), same);
    expect(ended[0]).toBe(prebuildId);
    expect(ended[1]).toMatch(/No new prebuild of the project was found/);
  });

  test("does not claim the run in a later response to another create", async () => {
    const { ended, rpcs } = await start(
      (made) => ({ create: [lost, late(() => made().clock, 20_000, live())], list: [[live()]] }),
      same,
    );
    expect(ended[0]).toMatch(/No new prebuild of the project was found/);
    expect(ended[1]).toBe(prebuildId);
    expect(rpcs()).toEqual(["create", "create", "list", "list", "list"]);
  });

  test("does not claim the run of a create that is sent during the list", async () => {
    const made = bench({
      create: [lost, late(() => made.clock, 5_000, live({ createdAt: new Date(epoch + 2_000).toISOString() }))],
      list: [late(() => made.clock, 4_000, [live({ createdAt: new Date(epoch + 2_000).toISOString() })]), []],
    });
    const first = createPrebuild(made.context, declared()).then(
      ({ id }) => id,
      (error: unknown) => String(error),
    );
    await made.clock.advance(2_000);
    const second = createPrebuild(made.context, declared());
    await expect(made.clock.run(second)).resolves.toMatchObject({ id: prebuildId });
    await expect(made.clock.run(first)).resolves.toMatch(/No new prebuild of the project was found/);
  });

  test("gives two lost requests with the same inputs one run each", async () => {
    const listed = [live({ id: "b", createdAt: new Date(epoch + 5).toISOString() }), live({ id: "a" })];
    const { ended } = await start(() => ({ create: [lost, lost], list: [listed] }), same);
    expect(ended).toEqual(["a", "b"]);
  });

  test("leaves a run undecided that matches two lost requests with different inputs", async () => {
    const { ended } = await start(() => ({ create: [lost, lost], list: [[live()]] }), [bare, declared()]);
    expect(ended).toEqual([
      expect.stringMatching(/could not determine whether this started a prebuild/),
      expect.stringMatching(/could not determine whether this started a prebuild/),
    ]);
  });

  test("ignores a request as a rival that has started nothing", async () => {
    const made: ReturnType<typeof bench> = bench({
      create: [lost],
      list: [[], [], [], [live(at(10_000))]],
    });
    const first = createPrebuild(made.context, bare);
    await expect(made.clock.run(first)).rejects.toThrow("No new prebuild of the project was found");
    await made.clock.advance(5_000);
    const second = createPrebuild(made.context, declared());
    await expect(made.clock.run(second)).resolves.toMatchObject({ id: prebuildId });
  });

  test("does not claim a colleague's run", async () => {
    const colleague = live({ id: "other", creatorId: colleagueId });
    const { ended } = await start(() => ({ create: [live(), lost], list: [[colleague]] }), same);
    expect(ended[1]).toMatch(/No new prebuild of the project was found/);
  });

  test("waits for another create without a response for a minute at most", async () => {
    const { ended, clock } = await start(
      () => ({ create: [lost, hangs()], list: [[live()]] }),
      [declared(), declared()],
      600_000,
    );
    expect(ended[0]).toMatch(/checking for it also failed/);
    expect(clock.monotonic()).toBe(600_000);
    expect(ended[1]).toBe(prebuildId);
  });
});
