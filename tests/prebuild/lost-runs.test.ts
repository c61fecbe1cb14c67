/** Which listed run a lost request has started. */
import type { ServerTime } from "../../src/lifecycle/lost-create.js";
import type { PrebuildDetails } from "../../src/prebuild/outputs.js";
import { LostRuns, identifyRun, type RunRequest } from "../../src/prebuild/lost-runs.js";
import { epoch } from "../support/fake-clock.js";
import { environmentClassId, prebuildId, projectId } from "../support/messages.js";
import { colleagueId, creatorId, details, identity } from "../support/prebuilds.js";

const request: RunRequest = { projectId, environmentClassId, timeout: "45m", sentAt: 0 };
const { environmentClassId: _, ...classless } = request;
const later = (milliseconds: number, overrides: Partial<PrebuildDetails> = {}) =>
  details({ createdAt: new Date(epoch + milliseconds).toISOString(), ...overrides });
const first = later(1_000, { id: "first" });
const second = later(2_000, { id: "second" });
const third = later(3_000, { id: "third" });
const serverWith = (serverTimeAt: ServerTime["serverTimeAt"]): ServerTime => ({
  serverTimeAt,
  serverTimeErrorAt: () => 0,
  requestTimeoutMs: 60_000,
});
const server = serverWith((moment) => epoch + moment);
const ours = (prebuild: PrebuildDetails) => ({ kind: "ours", prebuild });
const undecided = (...candidates: PrebuildDetails[]) => ({ kind: "undecided", candidates });
const none = { kind: "none" };

interface Facts {
  readonly request?: RunRequest;
  readonly lost?: readonly RunRequest[];
  /** Null if it is unknown. */
  readonly ownerId?: string | null;
  readonly serverTimeAt?: ServerTime["serverTimeAt"];
}

function judge(unclaimed: readonly PrebuildDetails[], facts: Facts = {}) {
  const { request: asked = request, lost = [asked], ownerId = creatorId, serverTimeAt } = facts;
  const time = serverTimeAt === undefined ? server : serverWith(serverTimeAt);
  return identifyRun(asked, unclaimed, lost, ownerId ?? undefined, time);
}

test("the only run that matches is ours", () => {
  expect(judge([first])).toEqual(ours(first));
});

test("without listed runs there is none", () => {
  expect(judge([])).toEqual(none);
});

test.each([
  ["of another project", { projectId: prebuildId }],
  ["of another environment class", { environmentClassId: prebuildId }],
  ["without an environment class", { environmentClassId: "" }],
  ["of another timeout", { timeout: "1h" }],
  ["that a schedule started", { triggeredBy: "SCHEDULED" }],
  ["with an unknown trigger", { triggeredBy: "UNSPECIFIED" }],
  ["a millisecond older than the request", { createdAt: new Date(epoch - 1).toISOString() }],
])("a run %s is not a candidate", (_what, overrides) => {
  expect(judge([later(0, overrides)])).toEqual(none);
  expect(judge([later(0, overrides), first])).toEqual(ours(first));
});

test.each([
  ["created at the very moment of the request", {}],
  ["created within the millisecond, in nanoseconds", { createdAt: "2026-03-01T12:00:00.000999999Z" }],
  ["that has FAILED already", { phase: "FAILED" }],
  ["in an unknown phase", { phase: "HIBERNATING" }],
])("a run %s is ours", (_what, overrides) => {
  const run = later(0, overrides);
  expect(judge([run])).toEqual(ours(run));
});

test("every class and timeout matches a request that leaves them to the API", () => {
  const run = later(0, { environmentClassId: prebuildId, timeout: "2h" });
  expect(judge([run], { request: { projectId, sentAt: 0 } })).toEqual(ours(run));
});

test("a run without a timeout matches", () => {
  const { timeout: _, ...run } = first;
  expect(judge([run])).toEqual(ours(run));
});

describe("the age of a run by the server's clock", () => {
  test.each([
    [5_000, "created before the request by it", none],
    [-5_000, "created after the request by it", ours(first)],
  ])("skew %d ms: %s", (skew, _what, verdict) => {
    expect(judge([first], { serverTimeAt: (moment) => epoch + moment + skew })).toEqual(verdict);
  });

  test("is undecided if it was created after the request had timed out", () => {
    const [inTime, late] = [later(60_000), later(60_001)];
    expect(judge([inTime])).toEqual(ours(inTime));
    expect(judge([late])).toEqual(undecided(late));
  });

  test.each([creatorId, null])("is undecided if the server's time is unknown (owner %s)", (ownerId) => {
    expect(judge([first], { serverTimeAt: () => undefined, ownerId })).toEqual(undecided(first));
  });

  test("is undecided if the creation time is unknown", () => {
    const { createdAt: _, ...run } = first;
    expect(judge([run])).toEqual(undecided(run));
    expect(judge([run, second])).toEqual(ours(second));
  });
});

/** The run as the API describes it if it doesn't show who created it. */
const anonymous = ({ creatorId: _creator, ...run }: PrebuildDetails): PrebuildDetails => run;

describe.each<[string, (run: PrebuildDetails) => PrebuildDetails, string | null]>([
  ["the owner of the token", (run) => run, null],
  ["the creator of the run", anonymous, creatorId],
])("while %s is unknown", (_whose, shown, ownerId) => {
  test.each([
    [10_000, ours],
    [10_001, undecided],
  ])("a run is judged by its delay of %d ms", (delay, verdict) => {
    const run = shown(later(delay));
    expect(judge([run], { ownerId })).toEqual(verdict(run));
  });

  test("a run close to the request wins over a later one", () => {
    const [close, late] = [shown(later(1_000)), shown(later(11_000))];
    expect(judge([late, close], { ownerId })).toEqual(ours(close));
  });
});

test("a run of someone else is not ours", () => {
  const foreign = later(0, { creatorId: colleagueId });
  expect(judge([foreign])).toEqual(none);
  expect(judge([foreign, second])).toEqual(ours(second));
});

describe("several lost requests", () => {
  const twin = { ...request, sentAt: 500 };

  test("with the same inputs take the only run", () => {
    expect(judge([first], { lost: [request, twin] })).toEqual(ours(first));
  });

  test("with the same inputs take the older of two runs first", () => {
    expect(judge([second, first], { lost: [request, twin] })).toEqual(ours(first));
    const [whole, half] = [
      later(0, { createdAt: "2026-03-01T12:00:01Z" }),
      later(0, { createdAt: "2026-03-01T12:00:01.5Z" }),
    ];
    expect(judge([half, whole], { lost: [request, twin] })).toEqual(ours(whole));
  });

  test("with the same inputs leave three runs undecided", () => {
    expect(judge([first, second, third], { lost: [request, twin] })).toEqual(undecided(first, second, third));
  });

  test("leave two runs undecided if only one request is lost", () => {
    expect(judge([first, second])).toEqual(undecided(first, second));
  });

  test.each([
    ["another class left to the API", { ...classless }],
    ["a timeout left to the API", { projectId, environmentClassId, sentAt: 0 }],
  ])("with different inputs leave a run undecided that matches both: %s", (_what, rival) => {
    expect(judge([first], { lost: [request, rival] })).toEqual(undecided(first));
    expect(judge([first], { request: rival, lost: [request, rival] })).toEqual(undecided(first));
  });

  test.each([
    ["another project", { ...request, projectId: prebuildId }],
    ["another class", { ...request, environmentClassId: prebuildId }],
    ["another timeout", { ...request, timeout: "1h" }],
    ["the same, later than the run was started", { ...request, sentAt: 1_001 }],
  ])("are no rivals if one is for %s", (_what, other) => {
    expect(judge([first], { lost: [request, other] })).toEqual(ours(first));
  });

  test("are rivals only for runs that they may have started", () => {
    const other = { ...request, sentAt: 1_500 };
    expect(judge([first, second], { lost: [request, other] })).toEqual(ours(first));
    expect(judge([first, second, third], { lost: [request, other] })).toEqual(undecided(first, second, third));
  });
});

describe("a process", () => {
  const lost = () => Promise.reject(new Error("lost"));
  const isLost = () => true;
  const forever = new AbortController().signal;
  const answering = (lostRuns: LostRuns, prebuild: PrebuildDetails) =>
    lostRuns.send(request, () => Promise.resolve(prebuild), isLost);
  const losing = (lostRuns: LostRuns, asked: RunRequest) =>
    expect(lostRuns.send(asked, lost, isLost)).rejects.toThrow("lost");
  const identify = (lostRuns: LostRuns, asked: RunRequest, runs: readonly PrebuildDetails[]) =>
    lostRuns.identify(asked, runs, identity().subject, server);

  test("does not claim a run that a response has named", async () => {
    const lostRuns = new LostRuns();
    await expect(answering(lostRuns, first)).resolves.toBe(first);
    await losing(lostRuns, request);
    expect(identify(lostRuns, request, [first])).toEqual(none);
    expect(identify(lostRuns, request, [first, second])).toEqual(ours(second));
  });

  test.each([
    ["a user", identity(), none],
    ["a service account", identity({ principal: "SERVICE_ACCOUNT" }), none],
    ["an environment", identity({ principal: "ENVIRONMENT" }), "ours"],
    ["nobody", undefined, "ours"],
  ])("excludes the runs of other creators if the token belongs to %s", async (_what, owner, verdict) => {
    const lostRuns = new LostRuns();
    await losing(lostRuns, request);
    const foreign = later(0, { id: "foreign", creatorId: colleagueId });
    expect(lostRuns.identify(request, [foreign], owner?.subject, server)).toEqual(
      verdict === "ours" ? ours(foreign) : verdict,
    );
  });

  test("claims a run once", async () => {
    const lostRuns = new LostRuns();
    const twin = { ...request };
    await losing(lostRuns, request);
    await losing(lostRuns, twin);
    expect(identify(lostRuns, request, [first])).toEqual(ours(first));
    expect(identify(lostRuns, twin, [first])).toEqual(none);
    lostRuns.close(request);
    expect(identify(lostRuns, twin, [first, second])).toEqual(ours(second));
  });

  test("leaves a run undecided for all requests that may have started it", async () => {
    const lostRuns = new LostRuns();
    await losing(lostRuns, classless);
    await losing(lostRuns, request);
    expect(identify(lostRuns, classless, [first])).toEqual(undecided(first));
    expect(identify(lostRuns, request, [first])).toEqual(undecided(first));
  });

  test("ignores a refused request as a rival", async () => {
    const lostRuns = new LostRuns();
    await expect(lostRuns.send(classless, lost, () => false)).rejects.toThrow("lost");
    await losing(lostRuns, request);
    expect(identify(lostRuns, request, [first])).toEqual(ours(first));
  });

  test("ignores a closed request as a rival", async () => {
    const lostRuns = new LostRuns();
    await losing(lostRuns, classless);
    await losing(lostRuns, request);
    lostRuns.close(classless);
    expect(identify(lostRuns, request, [first])).toEqual(ours(first));
  });

  test("judges only after the requests in flight have responses", async () => {
    const lostRuns = new LostRuns();
    const answer = Promise.withResolvers<PrebuildDetails>();
    const running = lostRuns.send(request, () => answer.promise, isLost);
    await losing(lostRuns, classless);
    let judged: unknown;
    const judging = lostRuns.waitForResponses(projectId, forever).then(() => {
      judged = identify(lostRuns, classless, [first]);
    });
    await Promise.resolve();
    expect(judged).toBeUndefined();
    answer.resolve(first);
    await judging;
    expect(judged).toEqual(none);
    await running;
  });

  test("judges only after lost requests in flight are recorded", async () => {
    const lostRuns = new LostRuns();
    const answer = Promise.withResolvers<PrebuildDetails>();
    const running = lostRuns.send(request, () => answer.promise, isLost);
    await losing(lostRuns, classless);
    const judging = lostRuns.waitForResponses(projectId, forever).then(() => identify(lostRuns, classless, [first]));
    answer.reject(new Error("lost"));
    await expect(judging).resolves.toEqual(undecided(first));
    await expect(running).rejects.toThrow("lost");
  });

  test("does not wait for other projects or finished requests", async () => {
    const lostRuns = new LostRuns();
    const endless = new Promise<PrebuildDetails>(() => undefined);
    void lostRuns.send({ ...request, projectId: prebuildId }, () => endless, isLost);
    await answering(lostRuns, first);
    await losing(lostRuns, request);
    await expect(lostRuns.waitForResponses(projectId, forever)).resolves.toBeUndefined();
  });

  test("stops to wait for other requests when the signal is aborted", async () => {
    const lostRuns = new LostRuns();
    void lostRuns.send(request, () => new Promise(() => undefined), isLost);
    const stop = new AbortController();
    const waiting = lostRuns.waitForResponses(projectId, stop.signal);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(lostRuns.waitForResponses(projectId, stop.signal)).rejects.toThrow("enough");
  });
});
