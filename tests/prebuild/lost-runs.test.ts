/** Which of the prebuilds that the API lists a lost request has started: a pure decision. */
import type { PrebuildDetails } from "../../src/prebuild/outputs.js";
import { ProcessRuns, type Evidence, LostRuns, identifyRun, type RunRequest } from "../../src/prebuild/lost-runs.js";
import { epoch } from "../support/fake-clock.js";
import { environmentClassId, prebuildId, projectId } from "../support/messages.js";
import { colleagueId, creatorId, details } from "../support/prebuilds.js";

const request: RunRequest = { projectId, environmentClassId, timeout: "45m", sentAt: 0 };
const { environmentClassId: _, ...classless } = request;
const later = (milliseconds: number, overrides: Partial<PrebuildDetails> = {}) =>
  details({ createdAt: new Date(epoch + milliseconds).toISOString(), ...overrides });
const first = later(1_000, { id: "first" });
const second = later(2_000, { id: "second" });
const third = later(3_000, { id: "third" });
const serverTimeAt = (moment: number) => epoch + moment;
const ours = (prebuild: PrebuildDetails) => ({ kind: "ours", prebuild });
const undecided = (...candidates: PrebuildDetails[]) => ({ kind: "undecided", candidates });
const none = { kind: "none" };

interface Facts extends Partial<Evidence> {
  readonly request?: RunRequest;
  readonly serverTimeAt?: (moment: number) => number | undefined;
}

function judge(unclaimed: readonly PrebuildDetails[], facts: Facts = {}) {
  const asked = facts.request ?? request;
  const knowledge = { lost: [asked], creators: new Set<string>(), listed: true, disputed: new Set<string>(), ...facts };
  return identifyRun(asked, unclaimed, knowledge, facts.serverTimeAt ?? serverTimeAt);
}

test("the only run that fits is ours", () => {
  expect(judge([first])).toEqual(ours(first));
});

test("where nothing is listed there is none", () => {
  expect(judge([])).toEqual(none);
});

test.each([
  ["of another project", { projectId: prebuildId }],
  ["of another environment class", { environmentClassId: prebuildId }],
  ["without an environment class", { environmentClassId: "" }],
  ["of another timeout", { timeout: "1h" }],
  ["that a schedule started", { triggeredBy: "SCHEDULED" }],
  ["of which nobody knows what started it", { triggeredBy: "UNSPECIFIED" }],
  ["a millisecond older than the request", { createdAt: new Date(epoch - 1).toISOString() }],
])("a run %s is not ours, and may not be", (_what, overrides) => {
  expect(judge([later(0, overrides)])).toEqual(none);
  expect(judge([later(0, overrides), first])).toEqual(ours(first));
});

test.each([
  ["created at the very moment of the request", {}],
  ["created within the millisecond, in nanoseconds", { createdAt: "2026-03-01T12:00:00.000999999Z" }],
  ["that has FAILED already", { phase: "FAILED" }],
  ["whose phase nobody knows", { phase: "HIBERNATING" }],
])("a run %s is ours", (_what, overrides) => {
  const run = later(0, overrides);
  expect(judge([run])).toEqual(ours(run));
});

test("of a class and a timeout that were left to the API every run fits", () => {
  const run = later(0, { environmentClassId: prebuildId, timeout: "2h" });
  expect(judge([run], { request: { projectId, sentAt: 0 } })).toEqual(ours(run));
});

test("a timeout that the API does not tell hinders nothing", () => {
  const { timeout: _, ...run } = first;
  expect(judge([run])).toEqual(ours(run));
});

describe("the server's clock decides, not ours", () => {
  test.each([
    [5_000, "created before the request by it", none],
    [-5_000, "created after the request by it", ours(first)],
  ])("skew %d ms: %s", (skew, _what, verdict) => {
    expect(judge([first], { serverTimeAt: (moment) => epoch + moment + skew })).toEqual(verdict);
  });

  test("where it is not known, a run that fits may be ours and nobody can tell", () => {
    expect(judge([first], { serverTimeAt: () => undefined })).toEqual(undecided(first));
    expect(judge([first], { serverTimeAt: () => undefined, creators: new Set([creatorId]) })).toEqual(undecided(first));
  });

  test("nor of a run of which nobody knows when it was created", () => {
    const { createdAt: _, ...run } = first;
    expect(judge([run])).toEqual(undecided(run));
    expect(judge([run, second])).toEqual(ours(second));
  });
});

describe("without knowing our own creator", () => {
  test.each([
    [10_000, ours],
    [10_001, undecided],
  ])("a run %d ms younger than the request is told apart by that", (delay, verdict) => {
    const run = later(delay);
    expect(judge([run])).toEqual(verdict(run));
  });

  test("a run that is near is preferred to one that is not", () => {
    expect(judge([later(11_000), first])).toEqual(ours(first));
  });
});

describe("with our own creator known", () => {
  const creators = new Set([creatorId]);

  test("his run is ours, however late it was started", () => {
    const run = later(60_000);
    expect(judge([run], { creators })).toEqual(ours(run));
  });

  test.each([
    ["somebody else's", { creatorId: colleagueId }],
    ["nobody's", { creatorId: "" }],
  ])("%s run is not", (_whose, overrides) => {
    expect(judge([later(0, overrides)], { creators })).toEqual(none);
    expect(judge([later(0, overrides), second], { creators })).toEqual(ours(second));
  });
});

describe("several lost requests", () => {
  const twin = { ...request, sentAt: 500 };

  test("for the same thing take whichever there is", () => {
    expect(judge([first], { lost: [request, twin] })).toEqual(ours(first));
  });

  test("for the same thing take the older of two", () => {
    expect(judge([second, first], { lost: [request, twin] })).toEqual(ours(first));
    const [whole, half] = [
      later(0, { createdAt: "2026-03-01T12:00:01Z" }),
      later(0, { createdAt: "2026-03-01T12:00:01.5Z" }),
    ];
    expect(judge([half, whole], { lost: [request, twin] })).toEqual(ours(whole));
  });

  test("for the same thing cannot tell which two of three are theirs", () => {
    expect(judge([first, second, third], { lost: [request, twin] })).toEqual(undecided(first, second, third));
  });

  test("of which one is alone cannot tell which of two is its own", () => {
    expect(judge([first, second])).toEqual(undecided(first, second));
  });

  test.each([
    ["another class left to the API", { ...classless }],
    ["a timeout left to the API", { projectId, environmentClassId, sentAt: 0 }],
  ])("for different things that one run fits cannot tell whose it is: %s", (_what, rival) => {
    expect(judge([first], { lost: [request, rival] })).toEqual(undecided(first));
    expect(judge([first], { request: rival, lost: [request, rival] })).toEqual(undecided(first));
  });

  test.each([
    ["another project", { ...request, projectId: prebuildId }],
    ["another class", { ...request, environmentClassId: prebuildId }],
    ["another timeout", { ...request, timeout: "1h" }],
    ["the same, later than the run was started", { ...request, sentAt: 1_001 }],
  ])("do not hinder one another for %s", (_what, other) => {
    expect(judge([first], { lost: [request, other] })).toEqual(ours(first));
  });

  test("count only where the run may be theirs", () => {
    const other = { ...request, sentAt: 1_500 };
    expect(judge([first, second], { lost: [request, other] })).toEqual(ours(first));
    expect(judge([first, second, third], { lost: [request, other] })).toEqual(undecided(first, second, third));
  });
});

test("a run of which another request could not tell is nobody's", () => {
  expect(judge([first], { disputed: new Set(["first"]) })).toEqual(undecided(first));
  expect(judge([first, second], { disputed: new Set(["first"]) })).toEqual(ours(second));
});

describe("what a process remembers", () => {
  /** Whose project had only these runs before the first request. */
  const prepared = async (...runs: PrebuildDetails[]) => {
    const lostRuns = new LostRuns();
    await lostRuns.listEarlier(projectId, () => Promise.resolve(runs));
    return lostRuns;
  };
  const lost = () => Promise.reject(new Error("lost"));
  const isLost = () => true;
  const forever = new AbortController().signal;
  const answering = (lostRuns: LostRuns, prebuild: PrebuildDetails) =>
    lostRuns.send(request, () => Promise.resolve(prebuild), isLost);
  const losing = (lostRuns: LostRuns, asked: RunRequest) =>
    expect(lostRuns.send(asked, lost, isLost)).rejects.toThrow("lost");

  test("a run that was the answer to a request is no other one's", async () => {
    const lostRuns = await prepared();
    await expect(answering(lostRuns, first)).resolves.toBe(first);
    await losing(lostRuns, request);
    expect(lostRuns.identify(request, [first], serverTimeAt)).toEqual(none);
    expect(lostRuns.identify(request, [first, second], serverTimeAt)).toEqual(ours(second));
  });

  test("a run that was there before the first request is nobody's", async () => {
    const lostRuns = await prepared(first);
    await losing(lostRuns, request);
    expect(lostRuns.identify(request, [first], serverTimeAt)).toEqual(none);
    expect(lostRuns.identify(request, [first, second], serverTimeAt)).toEqual(ours(second));
  });

  test("where the runs before could not be listed, nothing can be told without knowing our own creator", async () => {
    const lostRuns = new LostRuns();
    await lostRuns.listEarlier(projectId, lost);
    await losing(lostRuns, request);
    expect(lostRuns.identify(request, [first], serverTimeAt)).toEqual(undecided(first));
    await answering(lostRuns, second);
    expect(lostRuns.identify(request, [third], serverTimeAt)).toEqual(ours(third));
  });

  test("a project is listed once, and not at all where our own creator is known", async () => {
    const lostRuns = new LostRuns();
    const list = jest.fn(() => Promise.resolve([]));
    await Promise.all([lostRuns.listEarlier(projectId, list), lostRuns.listEarlier(projectId, list)]);
    await lostRuns.listEarlier("another project", list);
    expect(list).toHaveBeenCalledTimes(2);
    await answering(lostRuns, first);
    await lostRuns.listEarlier("a third project", list);
    expect(list).toHaveBeenCalledTimes(2);
  });

  describe("over two connections, which may lead to one account", () => {
    test("takes no run that was the answer to a request over the other one", async () => {
      const known = new ProcessRuns();
      const [here, there] = [new LostRuns(known), new LostRuns(known)];
      await here.listEarlier(projectId, () => Promise.resolve([]));
      await losing(here, request);
      await answering(there, first);
      expect(here.identify(request, [first], serverTimeAt)).toEqual(none);
      expect(here.identify(request, [first, second], serverTimeAt)).toEqual(ours(second));
    });

    test("decides nothing where a request that was lost over the other one may have started the only run", async () => {
      const known = new ProcessRuns();
      const [here, there] = [new LostRuns(known), new LostRuns(known)];
      for (const each of [here, there]) await each.listEarlier(projectId, () => Promise.resolve([]));
      await losing(here, request);
      await losing(there, { ...request, environmentClassId: undefined });
      expect(here.identify(request, [first], serverTimeAt)).toEqual(undecided(first));
    });

    test("keeps each one's own creator and earlier runs to itself", async () => {
      const known = new ProcessRuns();
      const [here, there] = [new LostRuns(known), new LostRuns(known)];
      await there.listEarlier(projectId, () => Promise.resolve([first]));
      await answering(there, later(0, { id: "theirs", creatorId: colleagueId }));
      await here.listEarlier(projectId, () => Promise.resolve([]));
      await losing(here, request);
      expect(here.identify(request, [first], serverTimeAt)).toEqual(ours(first));
    });
  });

  test("an answer tells who our own creator is", async () => {
    const lostRuns = await prepared();
    await answering(lostRuns, first);
    await losing(lostRuns, request);
    const foreign = later(0, { id: "foreign", creatorId: colleagueId });
    expect(lostRuns.identify(request, [foreign], serverTimeAt)).toEqual(none);
  });

  test("an answer without a creator tells nothing of him", async () => {
    const lostRuns = await prepared();
    const { creatorId: _, ...anonymous } = first;
    await answering(lostRuns, anonymous);
    await losing(lostRuns, request);
    expect(lostRuns.identify(request, [second], serverTimeAt)).toEqual(ours(second));
  });

  test("a run is claimed once", async () => {
    const lostRuns = await prepared();
    const twin = { ...request };
    await losing(lostRuns, request);
    await losing(lostRuns, twin);
    expect(lostRuns.identify(request, [first], serverTimeAt)).toEqual(ours(first));
    expect(lostRuns.identify(twin, [first], serverTimeAt)).toEqual(none);
    lostRuns.close(request);
    expect(lostRuns.identify(twin, [first, second], serverTimeAt)).toEqual(ours(second));
  });

  test("a run that is in dispute is not claimed by whoever looks last", async () => {
    const lostRuns = await prepared();
    await losing(lostRuns, classless);
    await losing(lostRuns, request);
    expect(lostRuns.identify(classless, [first], serverTimeAt)).toEqual(undecided(first));
    lostRuns.close(classless);
    expect(lostRuns.identify(request, [first], serverTimeAt)).toEqual(undecided(first));
  });

  test("a request that was refused is no rival", async () => {
    const lostRuns = await prepared();
    await expect(lostRuns.send(classless, lost, () => false)).rejects.toThrow("lost");
    await losing(lostRuns, request);
    expect(lostRuns.identify(request, [first], serverTimeAt)).toEqual(ours(first));
  });

  test("a request that is settled is no rival any more", async () => {
    const lostRuns = await prepared();
    await losing(lostRuns, classless);
    await losing(lostRuns, request);
    lostRuns.close(classless);
    expect(lostRuns.identify(request, [first], serverTimeAt)).toEqual(ours(first));
  });

  test("nobody judges before the answers that are under way are noted", async () => {
    const lostRuns = await prepared();
    const answer = Promise.withResolvers<PrebuildDetails>();
    const running = lostRuns.send(request, () => answer.promise, isLost);
    await losing(lostRuns, classless);
    let judged: unknown;
    const judging = lostRuns.waitForResponses(projectId, forever).then(() => {
      judged = lostRuns.identify(classless, [first], serverTimeAt);
    });
    await Promise.resolve();
    expect(judged).toBeUndefined();
    answer.resolve(first);
    await judging;
    expect(judged).toEqual(none);
    await running;
  });

  test("nor before it is noted that they are lost", async () => {
    const lostRuns = await prepared();
    const answer = Promise.withResolvers<PrebuildDetails>();
    const running = lostRuns.send(request, () => answer.promise, isLost);
    await losing(lostRuns, classless);
    const judging = lostRuns
      .waitForResponses(projectId, forever)
      .then(() => lostRuns.identify(classless, [first], serverTimeAt));
    answer.reject(new Error("lost"));
    await expect(judging).resolves.toEqual(undecided(first));
    await expect(running).rejects.toThrow("lost");
  });

  test("requests of other projects, and those that are over, are not waited for", async () => {
    const lostRuns = await prepared();
    const endless = new Promise<PrebuildDetails>(() => undefined);
    void lostRuns.send({ ...request, projectId: prebuildId }, () => endless, isLost);
    await answering(lostRuns, first);
    await losing(lostRuns, request);
    await expect(lostRuns.waitForResponses(projectId, forever)).resolves.toBeUndefined();
  });

  test("the wait for others ends when it is told to", async () => {
    const lostRuns = await prepared();
    void lostRuns.send(request, () => new Promise(() => undefined), isLost);
    const stop = new AbortController();
    const waiting = lostRuns.waitForResponses(projectId, stop.signal);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(lostRuns.waitForResponses(projectId, stop.signal)).rejects.toThrow("enough");
  });
});
