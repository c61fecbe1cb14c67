/** Validation of a prebuild's inputs. */
import fc from "fast-check";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import { checkInputs } from "../../src/lifecycle/validation.js";
import { unknown } from "../../src/lifecycle/unknown.js";
import { environmentClassId, projectId } from "../support/messages.js";

const checkPrebuild = (news: Readonly<Record<string, unknown>>) => checkInputs(prebuildProperties, news);
const check = (news: Readonly<Record<string, unknown>>) => checkPrebuild({ projectId, ...news });

test.each([
  {},
  { environmentClassId },
  { timeout: "45m" },
  { waitForCompletion: false, recreateWhenExpired: true },
  { logs: "onFailure" },
  { logs: "stream" },
  { logs: "none" },
])("%j passes unchanged", (news) => {
  expect(check(news)).toEqual({ inputs: { projectId, ...news }, failures: [] });
});

test.each([
  ["projectId", unknown],
  ["environmentClassId", unknown],
  ["timeout", unknown],
  ["waitForCompletion", unknown],
  ["logs", unknown],
  ["recreateWhenExpired", unknown],
  ["triggers", unknown],
  ["triggers", [1, unknown]],
  ["triggers", { deep: { deeper: [unknown] } }],
])("%s may be unknown, or contain an unknown value", (name, value) => {
  expect(check({ [name]: value })).toEqual({ inputs: { projectId, [name]: value }, failures: [] });
});

test.each([
  ["a list", ["a", 1, false, null]],
  ["an object", { lock: "abc", nested: { list: [{}] } }],
  ["a string", "abc"],
  ["a number", 7],
  ["false", false],
])("triggers may be %s, and pass unchanged", (_what, triggers) => {
  expect(check({ triggers })).toEqual({ inputs: { projectId, triggers }, failures: [] });
});

test("triggers that are null count as absent", () => {
  expect(check({ triggers: null })).toEqual({ inputs: { projectId }, failures: [] });
});

test.each([
  [300, "5m"],
  ["300", "5m"],
  ["5m", "5m"],
  ["5 minutes", "5m"],
  ["300s", "5m"],
  ["300000ms", "5m"],
  [2700, "45m"],
  ["45 min", "45m"],
  ["1h30m", "1h30m"],
  ["1h 30m", "1h30m"],
  ["1.5h", "1h30m"],
  ["1 hour and 30 minutes", "1h30m"],
  ["0.7h", "42m"],
  ["1.1h", "1h6m"],
  ["1.1h0.9h", "2h"],
  [301, "5m1s"],
  [7199, "1h59m59s"],
  [7200, "2h"],
  ["7200", "2h"],
  ["2h", "2h"],
  ["120m", "2h"],
  ["2 hours", "2h"],
  ["PT1H30M", "1h30m"],
])("timeout %j becomes %s", (timeout, normal) => {
  expect(check({ timeout })).toEqual({ inputs: { projectId, timeout: normal }, failures: [] });
});

test.each([
  [299],
  ["299s"],
  ["4m59s"],
  ["299.999s"],
  [7201],
  ["2h1s"],
  ["7200.001s"],
  [0],
  [-300],
  [300.5],
  ["300.5s"],
  ["5m1ms"],
  ["24h"],
])("timeout %j is refused as out of bounds or not in whole seconds", (timeout) => {
  expect(check({ timeout }).failures).toEqual([
    {
      property: "timeout",
      reason: `timeout must be a duration from 5m to 2h in whole seconds, such as "45m" or "1h30m", or a number of seconds, got ${JSON.stringify(timeout)}`,
    },
  ]);
});

test.each([
  [45, "45m"],
  ["45", "45m"],
  [5, "5m"],
  [90, "1h30m"],
  [120, "2h"],
])("timeout %j is too short in seconds, and the failure suggests %s", (timeout, meant) => {
  const said = `got ${JSON.stringify(timeout)}. Did you mean "${meant}"?`;
  expect(check({ timeout }).failures[0]?.reason.endsWith(said)).toBe(true);
});

test.each([
  ["soon", 'got "soon"'],
  ["", 'got ""'],
  ["-45m", 'got "-45m"'],
  [NaN, "got NaN"],
  [Infinity, "got Infinity"],
  [true, "got a boolean"],
  [["45m"], "got a list"],
  [{ minutes: 45 }, "got an object"],
])("timeout %p is refused, because it is not a duration", (timeout, end) => {
  const { failures } = check({ timeout });
  expect(failures).toEqual([
    { property: "timeout", reason: expect.stringMatching(/^timeout must be a duration from 5m to 2h/) as string },
  ]);
  expect(failures[0]?.reason.endsWith(end)).toBe(true);
});

test("the failure for a very long timeout repeats only the start of it", () => {
  expect(check({ timeout: "x".repeat(100_000) }).failures[0]?.reason.length).toBeLessThan(1_500);
});

test.each([
  [{ projectId: "my-project" }, "projectId", /^projectId must be a UUID such as/],
  [{ projectId: undefined }, "projectId", /^projectId is required$/],
  [{ projectId: null }, "projectId", /^projectId is required$/],
  [{ environmentClassId: "large" }, "environmentClassId", /^environmentClassId must be a UUID such as/],
  [{ waitForCompletion: "yes" }, "waitForCompletion", /^waitForCompletion must be true or false, got a string$/],
  [{ recreateWhenExpired: 1 }, "recreateWhenExpired", /^recreateWhenExpired must be true or false, got a number$/],
  [{ logs: "all" }, "logs", /^logs must be "onFailure", "stream" or "none", got "all"$/],
  [{ logs: true }, "logs", /"onFailure", "stream" or "none", got a boolean$/],
  [{ trigger: [1] }, "trigger", /Did you mean triggers\?/],
  [{ waitForReady: true }, "waitForReady", /is not a property of this resource/],
  [{ expired: true }, "expired", /^expired is an output and cannot be set$/],
  [{ phase: "COMPLETED" }, "phase", /is an output and cannot be set/],
  [{ snapshotSizeBytes: "1" }, "snapshotSizeBytes", /is an output and cannot be set/],
] as const)("%j is refused, and the failure is at %s", (news, property, reason) => {
  expect(check(news).failures).toEqual([{ property, reason: expect.stringMatching(reason) as string }]);
});

test("every mistake is reported, not only the first", () => {
  const { failures } = check({ projectId: "x", timeout: 1, logs: "x", waitForCompletion: 3 });
  expect(failures.map(({ property }) => property)).toEqual(["projectId", "timeout", "logs", "waitForCompletion"]);
});

test("ids are changed to lower case, as at the API, so they never differ by case only", () => {
  const upper = { projectId: projectId.toUpperCase(), environmentClassId: environmentClassId.toUpperCase() };
  expect(checkPrebuild(upper).inputs).toEqual({ projectId, environmentClassId });
});

test("properties with the names of Object's own members are refused like any other unknown name", () => {
  const news = JSON.parse(`{ "projectId": "${projectId}", "__proto__": 1, "constructor": 2, "toString": 3 }`) as object;
  const { failures } = checkPrebuild({ ...news });
  expect(failures.map(({ property }) => property).sort()).toEqual(["__proto__", "constructor", "toString"]);
});

test("triggers may have keys with the names of Object's own members", () => {
  const triggers: unknown = JSON.parse('{ "__proto__": { "polluted": true }, "constructor": "x" }');
  expect(check({ triggers }).inputs["triggers"]).toBe(triggers);
  expect({}).not.toHaveProperty("polluted");
});

test("checking checked inputs changes nothing", () => {
  const names = fc.constantFrom<string[]>(...prebuildProperties.inputNames, "__proto__", "constructor", "other");
  const durations = fc.oneof(
    fc.integer({ min: 290, max: 7210 }),
    fc.double({ min: 0, max: 3 }).map((hours) => `${hours}h`),
    fc.integer({ min: 0, max: 130 }).map((minutes) => `${minutes} min`),
  );
  const value = fc.oneof(
    durations,
    fc.constantFrom<unknown>(unknown, null, undefined, projectId, projectId.toUpperCase(), "stream", true, false, NaN),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.dictionary(names, value), (news) => {
      const once = checkPrebuild(news);
      expect(checkPrebuild(once.inputs)).toEqual(once);
    }),
    { numRuns: 1_000 },
  );
});
