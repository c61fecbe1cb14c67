/** What the phases of a pool mean to those who wait. */
import { decideGone, decideReady, PoolLeaving } from "../../src/warm-pool/phases.js";
import { details } from "../support/pools.js";

const { snapshotId: _, ...empty } = details({ phase: "PENDING" });
const decide = (pool = details(), elapsed = 0, mode: true | "ifSnapshot" = "ifSnapshot", wasDegraded = false) =>
  decideReady(mode, wasDegraded, pool, elapsed);

test.each([0, 30_000, 3_600_000])("READY is ready, after %d ms as well", (elapsed) => {
  expect(decide(details(), elapsed)).toEqual({ kind: "done", result: { pool: details() } });
});

test("a pool without a snapshot is waited for until 30 s have passed, and then has a warning that says why", () => {
  expect(decide(empty, 29_999)).toEqual({ kind: "wait", status: "PENDING, no prebuild snapshot yet" });
  expect(decide(empty, 30_000)).toEqual({
    kind: "done",
    result: { pool: empty, warning: expect.stringMatching(/PENDING and still empty.*no completed prebuild/) as string },
  });
});

test("with true it is waited for however long it takes", () => {
  expect(decide(empty, 3_600_000, true)).toEqual({ kind: "wait", status: "PENDING, no prebuild snapshot yet" });
});

test("a pool with a snapshot is waited for however long it takes", () => {
  const starting = details({ phase: "PENDING" });
  expect(decide(starting, 3_600_000)).toEqual({
    kind: "wait",
    status: "PENDING, instances are being started from the snapshot",
  });
});

test.each(["UNSPECIFIED", "HIBERNATING"])("a phase like %s, of which nothing is known, is waited for", (phase) => {
  expect(decide(details({ phase })).kind).toBe("wait");
});

describe("DEGRADED", () => {
  const degraded = details({ phase: "DEGRADED", failureMessage: "no \u001b[31mquota" });

  test("fails with the runner's message, which cannot steer a terminal", () => {
    expect(() => decide(degraded)).toThrow(`The warm pool ${degraded.id} is DEGRADED: no quota`);
    expect(() => decide(details({ phase: "DEGRADED" }))).toThrow("DEGRADED, and the API does not say why");
  });

  test("may be left for 30 s by a pool that was so before the change", () => {
    expect(decide(degraded, 29_999, true, true)).toEqual({
      kind: "wait",
      status: "DEGRADED, waiting for it to recover",
    });
    expect(() => decide(degraded, 30_000, true, true)).toThrow("DEGRADED");
  });
});

test.each([
  ["DELETING", false],
  ["DELETED", true],
])("%s ends the wait for readiness, and tells whether the pool is gone: %s", (phase, gone) => {
  const leave = () => decide(details({ phase }));
  expect(leave).toThrow(PoolLeaving);
  expect(leave).toThrow(expect.objectContaining({ gone }) as Error);
});

test("only DELETED and not_found mean that a pool is gone", () => {
  expect(decideGone(undefined).kind).toBe("done");
  expect(decideGone(details({ phase: "DELETED" })).kind).toBe("done");
  expect(decideGone(details({ phase: "DELETING", runningInstances: 2, stoppedInstances: 1 }))).toEqual({
    kind: "wait",
    status: "DELETING, 3 instances left",
  });
  expect(decideGone(details()).kind).toBe("wait");
});
