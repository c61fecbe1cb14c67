/** What each phase of a pool means to a wait. */
import { DeletedMeanwhile } from "../../src/lifecycle/watch.js";
import { decideReady, drainStatus } from "../../src/warm-pool/phases.js";
import { details } from "../support/pools.js";

const { snapshotId: _, ...empty } = details({ phase: "PENDING" });
const decide = (pool = details(), elapsedMs = 0, mode: true | "ifSnapshot" = "ifSnapshot", wasDegraded = false) =>
  decideReady(mode, wasDegraded, pool, elapsedMs);

test.each([0, 30_000, 3_600_000])("a READY pool is ready after %d ms", (elapsedMs) => {
  expect(decide(details(), elapsedMs)).toEqual({ kind: "done", result: {} });
});

test("waits up to 30 s for a snapshot, and then warns why the pool is empty", () => {
  expect(decide(empty, 29_999)).toEqual({ kind: "wait", status: "PENDING, no prebuild snapshot yet" });
  expect(decide(empty, 30_000)).toEqual({
    kind: "done",
    result: { warning: expect.stringMatching(/PENDING and still empty.*no completed prebuild/) as string },
  });
});

test("waits for a snapshot without a limit if waitForReady is true", () => {
  expect(decide(empty, 3_600_000, true)).toEqual({ kind: "wait", status: "PENDING, no prebuild snapshot yet" });
});

test("waits without a limit for a pool that has a snapshot", () => {
  const starting = details({ phase: "PENDING" });
  expect(decide(starting, 3_600_000)).toEqual({
    kind: "wait",
    status: "PENDING, starting instances from the snapshot",
  });
});

test.each(["UNSPECIFIED", "HIBERNATING"])("waits for a pool in the unknown phase %s", (phase) => {
  expect(decide(details({ phase })).kind).toBe("wait");
});

describe("a DEGRADED pool", () => {
  const degraded = details({ phase: "DEGRADED", failureMessage: "no \u001b[31mquota" });

  test("fails with the runner's message, without terminal control sequences", () => {
    expect(() => decide(degraded)).toThrow(`The warm pool ${degraded.id} is DEGRADED: no quota`);
    expect(() => decide(details({ phase: "DEGRADED" }))).toThrow("DEGRADED, and the API does not say why");
  });

  test("has 30 s to recover if it was DEGRADED before the change", () => {
    const wait = { kind: "wait", status: "DEGRADED, waiting for it to recover" };
    expect(decide(degraded, 29_999, true, true)).toEqual(wait);
    expect(() => decide(degraded, 30_000, true, true)).toThrow("DEGRADED");
  });
});

test.each([
  ["DELETING", false],
  ["DELETED", true],
])("a %s pool ends the wait for readiness with isGone: %s", (phase, isGone) => {
  const decideIt = () => decide(details({ phase }));
  expect(decideIt).toThrow(DeletedMeanwhile);
  expect(decideIt).toThrow(expect.objectContaining({ isGone }) as Error);
});

test("shows how many instances a deletion still waits for", () => {
  expect(drainStatus(details({ phase: "DELETING", runningInstances: 2, stoppedInstances: 1 }))).toBe(
    "DELETING, 3 instances left",
  );
  expect(drainStatus(details({ phase: "DELETING", runningInstances: 1, stoppedInstances: 0 }))).toBe(
    "DELETING, 1 instance left",
  );
});
