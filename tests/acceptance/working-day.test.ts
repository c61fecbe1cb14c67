/** examples/working-day: the sizes follow local time, across daylight saving changes. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { partOfWeek } from "../../examples/working-day/schedule";
import { createStack } from "../../src/testing/engine/index";
import { startSimulator } from "../../src/testing/simulator/index";
import { lintWorkflows, runJob } from "../support/ci/github-job";
import { startWorkspace } from "../support/ci/workspace";
import { copyProgram } from "../support/consumer";
import { consumer, expectSettled, lookupsByName, succeed } from "../support/warm-pools";

const example = join(__dirname, "../../examples/working-day");
const hours = { timeZone: "Europe/Berlin", from: "07:00", to: "19:00" };
const sizes = { day: [3, 10], night: [1, 3], weekend: [0, 1] };

test.each([
  ["Friday in summer, the last minute of the night", "2026-10-23T04:59:59.999Z", "night"],
  ["Friday in summer, the first moment of the day", "2026-10-23T05:00:00Z", "day"],
  ["Friday in summer, the last moment of the day", "2026-10-23T16:59:59.999Z", "day"],
  ["Friday in summer, the first moment of the night", "2026-10-23T17:00:00Z", "night"],
  ["Friday in summer, the last moment before midnight", "2026-10-23T21:59:59.999Z", "night"],
  ["Saturday, from midnight in Berlin", "2026-10-23T22:00:00Z", "weekend"],
  ["the repeated hour in autumn, first pass", "2026-10-25T00:30:00Z", "weekend"],
  ["the repeated hour in autumn, second pass", "2026-10-25T01:30:00Z", "weekend"],
  ["the last moment of Sunday, an hour later in UTC than on Friday", "2026-10-25T22:59:59.999Z", "weekend"],
  ["Monday in winter, after midnight", "2026-10-25T23:00:00Z", "night"],
  ["Monday in winter, at an hour that is day in summer", "2026-10-26T05:00:00Z", "night"],
  ["Monday in winter, the first moment of the day", "2026-10-26T06:00:00Z", "day"],
  ["Monday after the skipped hour in spring", "2026-03-30T05:00:00Z", "day"],
  ["Friday before the skipped hour in spring", "2026-03-27T05:59:59Z", "night"],
])("partOfWeek: %s (%s) is %s", (_, at, part) => {
  expect(partOfWeek(new Date(at), hours)).toBe(part);
});

test("partOfWeek handles half-hour offsets, the date line, and a clock change during a weeknight", () => {
  const friday = new Date("2026-10-23T02:00:00Z");
  expect(partOfWeek(friday, { ...hours, timeZone: "Asia/Kolkata" })).toBe("day"); // 07:30
  expect(partOfWeek(friday, { ...hours, timeZone: "America/New_York" })).toBe("night"); // Thursday, 22:00
  expect(partOfWeek(friday, { ...hours, timeZone: "Pacific/Auckland" })).toBe("day"); // 15:00
  // Cairo changes its clocks on Fridays at midnight: from UTC+2 to UTC+3 on April 24, 2026.
  const cairo = { ...hours, timeZone: "Africa/Cairo" };
  expect(partOfWeek(new Date("2026-04-23T04:59:00Z"), cairo)).toBe("night");
  expect(partOfWeek(new Date("2026-04-24T04:00:00Z"), cairo)).toBe("day");
});

test.each([
  ["a time zone that does not exist", { timeZone: "Europe/Atlantis" }, /Europe\/Atlantis/],
  ["an hour that does not exist", { from: "24:00" }, /HH:MM/],
  ["an hour without a leading zero", { from: "7:00" }, /HH:MM/],
  ["a day that ends before it starts", { from: "19:00", to: "07:00" }, /later/],
])("partOfWeek refuses %s", (_, change, said) => {
  expect(() => partOfWeek(new Date(), { ...hours, ...change })).toThrow(said);
});

test("up sets the sizes for the current time, repeats without changes, and causes no drift", async () => {
  await using sim = await startSimulator();
  const workDir = copyProgram(consumer(), example);
  try {
    await using stack = await createStack({ workDir, stack: "production", simulator: sim, reuseProcesses: true });
    const goTo = (value: string) => stack.setConfig("ona-working-day:at", { value, secret: false });
    for (const [time, part] of [
      ["2026-10-23T16:30:00Z", "day"],
      ["2026-10-23T17:04:00Z", "night"],
      ["2026-10-23T22:04:00Z", "weekend"],
      ["2026-10-26T05:04:00Z", "night"],
      ["2026-10-26T06:04:00Z", "day"],
    ] as const) {
      goTo(time);
      expect((await succeed(stack.up())).outputs["part"]?.value).toBe(part);
      const [minSize, maxSize] = sizes[part];
      expect(sim.pools).toMatchObject([{ minSize, maxSize, phase: "READY" }]);
      await expectSettled({ stack, sim }, lookupsByName);
    }
    goTo("2026-12-26T12:00:00Z");
    await succeed(stack.refresh({ previewOnly: true, expectNoChanges: true }));
    const { operations } = await succeed(stack.preview());
    expect(operations.find(({ name }) => name === "web")?.diff).toMatchObject({ maxSize: { before: 10, after: 1 } });
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}, 300_000);

test("the workflow is valid and sets the sizes for the current time", async () => {
  const file = join(example, ".github/workflows/sizes.yml");
  expect(await lintWorkflows([file])).toEqual([]);
  await using workspace = await startWorkspace("working-day");
  const before = partOfWeek(new Date(), hours);
  const result = await runJob({
    file,
    job: "sizes",
    github: { repository: "acme/pools", ref: "refs/heads/main" },
    secrets: { ONA_API_KEY: workspace.sim.token, PULUMI_ACCESS_TOKEN: "pul-fake" },
    env: workspace.env,
    cwd: workspace.cwd,
  });
  expect(result).toMatchObject({ conclusion: "success" });
  const possible = [before, partOfWeek(new Date(), hours)].map((part) => sizes[part]);
  expect(possible).toContainEqual([workspace.pool(0).minSize, workspace.pool(0).maxSize]);
});
