/** Validation of a warm pool's inputs. */
import fc from "fast-check";
import { unknown } from "../../src/lifecycle/unknown.js";
import { checkWarmPool } from "../../src/warm-pool/inputs.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";
import { environmentClassId, projectId } from "../support/messages.js";

const pair = { projectId, environmentClassId };
const failures = (news: Readonly<Record<string, unknown>>) => checkWarmPool({ ...pair, ...news }).failures;

test.each([
  {},
  { minSize: 0 },
  { maxSize: 20 },
  { minSize: 20, maxSize: 20 },
  { minSize: 0, maxSize: 1, adoptExisting: true, waitForReady: false },
  { waitForReady: "ifSnapshot" },
  { waitForReady: true },
  { minSize: unknown, maxSize: 1 },
  { projectId: unknown, environmentClassId: unknown, minSize: unknown, waitForReady: unknown },
])("%p passes unchanged", (news) => {
  expect(checkWarmPool({ ...pair, ...news })).toEqual({ inputs: { ...pair, ...news }, failures: [] });
});

test.each([
  [{ projectId: "my-project" }, "projectId", /must be a UUID such as/],
  [{ projectId: undefined }, "projectId", /is required/],
  [{ environmentClassId: null }, "environmentClassId", /is required/],
  [{ environmentClassId: 3 }, "environmentClassId", /must be a UUID, got a number/],
  [{ minSize: -1 }, "minSize", /from 0 to 20, got -1/],
  [{ minSize: 21 }, "minSize", /from 0 to 20, got 21/],
  [{ minSize: 1.5 }, "minSize", /whole number/],
  [{ maxSize: 0 }, "maxSize", /from 1 to 20, got 0/],
  [{ maxSize: "4" }, "maxSize", /got a string/],
  [{ adoptExisting: "yes" }, "adoptExisting", /true or false/],
  [{ waitForReady: "always" }, "waitForReady", /"ifSnapshot", true or false/],
  [{ minsize: 1 }, "minsize", /Did you mean minSize\?/],
  [{ projectID: projectId }, "projectID", /Did you mean projectId\?/],
  [{ desiredSize: 1 }, "desiredSize", /is an output and cannot be set/],
  [{ phase: "READY" }, "phase", /is an output/],
  [{ name: "x" }, "name", /is not a property/],
  [{ connection: 3 }, "connection", /must be the name of a connection in ona:connections, got a number/],
  [{ connection: "" }, "connection", /with 1 to 100 printable characters/],
  [{ connection: " eu" }, "connection", /with 1 to 100 printable characters/],
  [{ connection: "e\u202eu" }, "connection", /with 1 to 100 printable characters/],
  [{ connection: "e".repeat(101) }, "connection", /with 1 to 100 printable characters/],
] as const)("%j is refused, and the failure is at %s", (news, property, reason) => {
  expect(failures(news)).toEqual([{ property, reason: expect.stringMatching(reason) as string }]);
});

test("a maxSize below minSize is refused, and the failure names both", () => {
  expect(failures({ minSize: 5, maxSize: 4 })).toEqual([
    { property: "maxSize", reason: "maxSize (4) must not be smaller than minSize (5)" },
  ]);
});

test("ids are changed to lower case, as at the API, so they never differ by case only", () => {
  expect(checkWarmPool({ ...pair, projectId: projectId.toUpperCase() }).inputs["projectId"]).toBe(projectId);
});

test("checking checked inputs changes nothing", () => {
  const names = fc.constantFrom<string[]>(...warmPoolProperties.inputNames);
  const value = fc.oneof(
    fc.integer({ min: -2, max: 22 }),
    fc.constantFrom<unknown>(unknown, null, projectId, projectId.toUpperCase(), "ifSnapshot", true, false),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.dictionary(names, value), (news) => {
      const once = checkWarmPool(news);
      expect(checkWarmPool(once.inputs)).toEqual(once);
    }),
    { numRuns: 500 },
  );
});
