/** What a preview reports about an existing pool. */
import { unknown } from "../../src/lifecycle/unknown.js";
import { describeAdoption, lookAhead } from "../../src/warm-pool/adoption.js";
import { looksAhead } from "../../src/warm-pool/inputs.js";
import { minutes } from "../support/fake-clock.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";
import { bench } from "../support/pool-api.js";
import { onlyMax, onlyMin } from "../support/pool-life.js";
import { declared, details, live } from "../support/pools.js";
import { hangs, refusal } from "../support/scripted.js";

const existing = details({ minSize: 1, maxSize: 9, updatedAt: "2026-03-02T08:15:00Z" });
const from = "READY, created 2026-03-01T12:00:00.000Z, last changed 2026-03-02T08:15:00Z";

test.each([
  ["declared sizes before and after", declared(), "minSize 1 as declared, maxSize 9 => 4"],
  ["a size that is not managed", onlyMax, "minSize 1 left alone, maxSize 9 => 4"],
  ["no managed size", { projectId, environmentClassId }, "minSize 1 left alone, maxSize 9 left alone"],
  ["an unknown size", { ...declared(), maxSize: unknown }, "minSize 1 as declared, maxSize 9 => unknown"],
])("a preview describes the pool that `up` would adopt, with %s", (_, inputs, sizes) => {
  expect(describeAdoption(existing, { ...inputs })).toEqual({
    line: `\`pulumi up\` adopts the existing warm pool (${from}): ${sizes}`,
  });
});

test("a preview shows that sizes which ignoreChanges covers are left alone, known or not", () => {
  for (const maxSize of [4, unknown]) {
    const { line, warning } = describeAdoption(existing, { ...declared(), maxSize }, ["maxSize"]);
    expect(line).toContain("minSize 1 as declared, maxSize 9 left alone");
    expect(warning).toBeUndefined();
  }
  const { warning } = describeAdoption(details({ maxSize: 2 }), { ...declared({ minSize: 3 }) }, ["maxSize"]);
  expect(warning).toContain("minSize (3) is greater than the pool's maxSize (2), which this update leaves alone.");
});

test("a preview warns of an adoption that `up` would refuse", () => {
  const { warning } = describeAdoption(details({ maxSize: 2 }), { ...onlyMin, minSize: 5 });
  expect(warning).toMatch(/would refuse to adopt it: minSize \(5\) is greater than the pool's unmanaged maxSize \(2\)/);
});

test("a preview reports whether `up` waits for a DELETING pool, or creates the first one", () => {
  expect(describeAdoption(details({ phase: "DELETING" }), { ...declared() }).line).toMatch(
    /is DELETING: .* creates a new one/,
  );
  expect(describeAdoption(undefined, { ...declared() }).line).toMatch(
    /there is no warm pool .* to adopt: `pulumi up` creates one/,
  );
});

test.each([
  ["adoptExisting", { ...declared(), adoptExisting: true }, true],
  ["no adoptExisting", declared(), false],
  ["an unknown adoptExisting", { ...declared(), adoptExisting: unknown }, false],
  ["an unknown project", { ...declared(), adoptExisting: true, projectId: unknown }, false],
  ["an unknown class", { ...declared(), adoptExisting: true, environmentClassId: unknown }, false],
  ["a connection", { ...declared(), adoptExisting: true, connection: "eu" }, true],
  ["an unknown connection", { ...declared(), adoptExisting: true, connection: unknown }, false],
])(
  "a preview searches for a pool only if pair and connection are known and adoptExisting is true: %s",
  (_what, inputs, expected) => {
    expect(looksAhead({ ...inputs })).toBe(expected);
  },
);

test("a preview lists the pools of the pair once", async () => {
  const { context, clock, rpcs, sent, progress } = bench({ list: [[live({ maxSize: 9 })]] });
  await clock.run(lookAhead(context, { ...declared({ adoptExisting: true }) }));
  expect(rpcs()).toEqual(["list"]);
  expect(sent("list")).toEqual([{ projectIds: [projectId], environmentClassIds: [environmentClassId] }]);
  expect(progress).toEqual([expect.stringContaining(`${poolId}: \`pulumi up\` adopts`)]);
  expect(clock.pending).toEqual([]);
});

test("a preview warns if the API refuses the list or does not respond within 15 s", async () => {
  const refused = bench({ list: [refusal("permission_denied")] });
  await refused.clock.run(lookAhead(refused.context, { ...declared({ adoptExisting: true }) }));
  expect(refused.warnings).toEqual([
    expect.stringMatching(/could not check whether .*permission_denied.* checks again/),
  ]);

  const silent = bench({ list: [hangs()] });
  await silent.clock.run(lookAhead(silent.context, { ...declared({ adoptExisting: true }) }));
  expect(silent.warnings).toEqual([expect.stringMatching(/\(the API did not respond in time\)/)]);
  expect(silent.clock.monotonic()).toBe(minutes / 4);
});
