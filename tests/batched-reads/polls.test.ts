/** Batched polls: polls at nearly the same time share one List, which starts after all of them. */
import { pollInterval, startDeadline, waitFor } from "../../src/lifecycle/wait";
import { Fleet, latency, numbers, ofOneProject, phases, type Thing, thing } from "../support/fleet";

const poll = (fleet: Fleet, number: number, signal?: AbortSignal) => fleet.reads.poll(fleet.wanted(number), signal);

test("a single wait uses an immediate Get for each poll", async () => {
  const fleet = ofOneProject(3);
  for (let look = 0; look < 5; look++) {
    await fleet.clock.run(poll(fleet, 1));
    await fleet.clock.advance(1_000);
  }
  expect(new Set(fleet.calls)).toEqual(new Set(["Get 1"]));
  expect(fleet.at.map((at) => at % (1_000 + latency))).toEqual([0, 0, 0, 0, 0]);
});

test("polls at nearly the same time share a List that starts after the last of them", async () => {
  const fleet = ofOneProject(8);
  await fleet.clock.run(poll(fleet, 1));
  fleet.asked();
  const moments: number[] = [];
  const looks = [2, 3, 4, 5].map(async (number) => {
    await fleet.clock.sleep(number);
    moments.push(fleet.clock.monotonic());
    return poll(fleet, number);
  });
  await fleet.clock.run(Promise.all(looks));
  expect(fleet.calls).toEqual(["List 1"]);
  expect(fleet.at[0]).toBeGreaterThanOrEqual(Math.max(...moments));
});

test.each([
  [300, [0, 100, 250], ["List 1"]],
  [10_000, [0, 500, 900, 1_100, 1_500], ["List 1", "List 1"]],
])(
  "polls that a rate limit would delay by %d ms are gathered that long, and at most for 1 s",
  async (rateLimitDelayMs, moments, asked) => {
    const fleet = ofOneProject(8);
    await fleet.clock.run(poll(fleet, 1));
    fleet.asked();
    fleet.rateLimitDelayMs = rateLimitDelayMs;
    const look = (moment: number, n: number) => fleet.clock.sleep(moment).then(() => poll(fleet, 2 + n));
    await fleet.clock.run(Promise.all(moments.map(look)));
    expect(fleet.asked()).toEqual(asked);
  },
);

test("no poll is answered by a List that started before it", async () => {
  const fleet = ofOneProject(8);
  await fleet.read(1, 2, 3);
  fleet.change(3, "DEGRADED");
  fleet.change(4, "DEGRADED");
  fleet.asked();
  const both = await fleet.clock.run(Promise.all([poll(fleet, 3), poll(fleet, 4)]));
  expect(phases(both)).toEqual(["DEGRADED", "DEGRADED"]);
  expect(fleet.asked()).toEqual(["List 1"]);
  const early = [poll(fleet, 5), poll(fleet, 6)];
  await fleet.clock.advance(10);
  fleet.change(7, "DEGRADED");
  const late = [poll(fleet, 7), poll(fleet, 8)];
  expect(phases(await fleet.clock.run(Promise.all(late)))).toEqual(["DEGRADED", "READY"]);
  await fleet.clock.run(Promise.all(early));
  expect(fleet.asked()).toEqual(["List 1", "List 1"]);
});

test("a poll that would be alone in a List is a Get", async () => {
  const fleet = ofOneProject(8);
  await fleet.clock.run(Promise.all([poll(fleet, 1), poll(fleet, 2), poll(fleet, 3)]));
  fleet.asked();
  await fleet.clock.run(poll(fleet, 2));
  expect(fleet.asked()).toEqual(["Get 2"]);
});

test("polls use Get for 30 s after a List has failed", async () => {
  const fleet = ofOneProject(8);
  fleet.onPage = () => {
    throw new Error("permission_denied");
  };
  await fleet.read(1, 2);
  fleet.asked();
  await fleet.clock.run(Promise.all([poll(fleet, 3), poll(fleet, 4)]));
  expect(fleet.asked()).toEqual(["Get 3", "Get 4"]);
});

test("a wait that ends does not affect the others", async () => {
  const fleet = ofOneProject(4);
  await fleet.read(1);
  fleet.asked();
  const limit = new AbortController();
  const [two, three] = [poll(fleet, 2, limit.signal), poll(fleet, 3)];
  const outcome = Promise.allSettled([two, three]);
  await fleet.clock.advance(10);
  limit.abort(new Error("the limit has passed"));
  const [ended, other] = await fleet.clock.run(outcome);
  expect(ended).toMatchObject({ status: "rejected", reason: new Error("the limit has passed") });
  expect(other).toMatchObject({ status: "fulfilled" });
  expect(fleet.asked()).toEqual(["List 1"]);
});

test("a List that no poll waits for anymore is stopped, which is not a failure", async () => {
  const fleet = ofOneProject(5);
  await fleet.read(1);
  fleet.asked();
  const limit = new AbortController();
  const outcome = Promise.allSettled([poll(fleet, 2, limit.signal), poll(fleet, 3, limit.signal)]);
  await fleet.clock.advance(10);
  limit.abort();
  expect((await outcome).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await fleet.clock.advance(0);
  expect(fleet.clock.pending).toEqual([]);
  await fleet.read(4, 5);
  expect(fleet.asked()).toEqual(["List 1", "List 1"]);
});

test.each([0, 3, 40])(
  "waits started %i ms apart see a change at most 5 %% later than scheduled, over 100 evenly spread moments",
  async (apart) => {
    const count = 100;
    const span = 30_000;
    const fleet = new Fleet(numbers(count).map((number) => thing(number, 1, "PENDING")));
    const startOf = (number: number) => number * apart;
    const changeOf = (number: number) => startOf(number) + ((number - 0.5) * span) / count;
    const delays = numbers(count).map(async (number) => {
      const deadline = startDeadline(fleet.clock, 600_000);
      const change = fleet.clock.sleep(changeOf(number)).then(() => fleet.change(number, "READY"));
      await fleet.clock.sleep(startOf(number));
      const seenAt = await waitFor<Thing, number>({
        first: thing(number, 1, "PENDING"),
        observe: (signal) => fleet.reads.poll(fleet.wanted(number), signal),
        decide: ({ phase }) =>
          phase === "READY" ? { kind: "done", result: fleet.clock.monotonic() } : { kind: "wait", status: phase },
        report: () => undefined,
        deadline,
        clock: fleet.clock,
      });
      deadline.end();
      await change;
      return seenAt - changeOf(number);
    });
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const seen = mean(await fleet.clock.run(Promise.all(delays)));
    // The schedule's own delay: a request at each of its moments, and its answer.
    const expected = numbers(count).map((number) => {
      let at = startOf(number);
      for (let poll = 0; at < changeOf(number); poll++) at += pollInterval(poll) + (poll === 0 ? 0 : latency);
      return at + latency - changeOf(number);
    });
    expect(seen / mean(expected)).toBeLessThanOrEqual(1.05);
  },
);
