/** What each phase of a prebuild means to a wait and to a deletion. */
import { DeletedMeanwhile } from "../../src/lifecycle/watch.js";
import { decideCompleted, decideEnded, obstacleOf, RunFailed } from "../../src/prebuild/phases.js";
import { details } from "../support/prebuilds.js";

const inProgress = ["PENDING", "STARTING", "RUNNING", "STOPPING", "SNAPSHOTTING"] as const;
const unheardOf = ["UNSPECIFIED", "HIBERNATING", ""] as const;

test("a COMPLETED run ends the wait", () => {
  expect(decideCompleted(details())).toEqual({ kind: "done", result: details() });
});

test.each(["PENDING", "STARTING", "RUNNING", "STOPPING", "CANCELLING", ...unheardOf])(
  "waits for a run in the phase %j",
  (phase) => {
    expect(decideCompleted(details({ phase }))).toEqual({ kind: "wait", status: phase, stage: phase });
  },
);

test.each([
  [0, "SNAPSHOTTING"],
  [40, "SNAPSHOTTING, 40%"],
  [100, "SNAPSHOTTING, 100%"],
])("waits for a SNAPSHOTTING run and shows its percentage if known: %d %%", (percentage, status) => {
  const prebuild = details({ phase: "SNAPSHOTTING", snapshotCompletionPercentage: percentage });
  expect(decideCompleted(prebuild)).toEqual({ kind: "wait", status, stage: "SNAPSHOTTING" });
});

test.each([
  ["FAILED", "exit code 1", " FAILED: exit code 1"],
  ["FAILED", "no \u001b[31mluck", " FAILED: no luck"],
  ["CANCELLED", "by Ann", " was CANCELLED: by Ann"],
])("a %s run fails with the server's message %j without terminal control sequences", (phase, said, message) => {
  const decide = () => decideCompleted(details({ phase, failureMessage: said }));
  expect(decide).toThrow(RunFailed);
  expect(decide).toThrow(`The prebuild ${details().id}${message}`);
});

test.each(["FAILED", "CANCELLED"])("a %s run without a message fails and reports that", (phase) => {
  expect(() => decideCompleted(details({ phase }))).toThrow(", and the API does not say why");
});

test.each([
  ["DELETING", false],
  ["DELETED", true],
])("a %s prebuild ends the wait with isGone: %s", (phase, gone) => {
  const decide = () => decideCompleted(details({ phase }));
  expect(decide).toThrow(DeletedMeanwhile);
  expect(decide).toThrow(expect.objectContaining({ isGone: gone }) as Error);
});

test.each([
  ...inProgress.map((phase) => [phase, "running"]),
  ["CANCELLING", "cancelling"],
  ["DELETING", "deleting"],
  ["DELETED", "gone"],
  ["COMPLETED", "none"],
  ["FAILED", "none"],
  ["CANCELLED", "none"],
  ...unheardOf.map((phase) => [phase, "none"]),
])("the obstacle to deleting a prebuild in the phase %j is: %s", (phase, obstacle) => {
  expect(obstacleOf(details({ phase }))).toBe(obstacle);
});

test("only DELETED and not_found mean that a prebuild is gone", () => {
  expect(obstacleOf(undefined)).toBe("gone");
  expect(obstacleOf(details({ phase: "DELETED" }))).toBe("gone");
});

test.each([...inProgress, "CANCELLING"])("a canceled run that is %s has not ended", (phase) => {
  const status = `${phase}, being canceled before it is deleted`;
  expect(decideEnded(details({ phase }))).toEqual({ kind: "wait", status });
});

test.each(["CANCELLED", "COMPLETED", "FAILED", "DELETING", "DELETED", "HIBERNATING"])(
  "a canceled run that is %s has ended",
  (phase) => {
    const prebuild = details({ phase });
    expect(decideEnded(prebuild)).toEqual({ kind: "done", result: prebuild });
  },
);

test("a canceled run that is gone has ended", () => {
  expect(decideEnded(undefined)).toEqual({ kind: "done", result: undefined });
});
