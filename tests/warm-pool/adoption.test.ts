/** What a preview says of a pool that exists, and what it costs. */
import { unknown } from "../../src/lifecycle/unknown.js";
import { foresee, lookAhead } from "../../src/warm-pool/adoption.js";
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
  [
    "a size that is not known yet",
    { ...declared(), maxSize: unknown },
    "minSize 1 as declared, maxSize 9 => not known yet",
  ],
])("a pool that would be adopted is named with %s", (_, inputs, sizes) => {
  expect(foresee(existing, { ...inputs })).toEqual({
    line: `\`pulumi up\` adopts the existing warm pool (${from}): ${sizes}`,
  });
});

test("an adoption that would be refused is said before it is tried", () => {
  const { warning } = foresee(details({ maxSize: 2 }), { ...onlyMin, minSize: 5 });
  expect(warning).toMatch(/would refuse to adopt it: minSize \(5\) is greater than the pool's unmanaged maxSize \(2\)/);
});

test("a pool on its way out is waited for, and where there is none one is created", () => {
  expect(foresee(details({ phase: "DELETING" }), { ...declared() }).line).toMatch(/is DELETING: .* creates a new one/);
  expect(foresee(undefined, { ...declared() }).line).toMatch(
    /there is no warm pool .* to adopt: `pulumi up` creates one/,
  );
});

test.each([
  ["adoptExisting", { ...declared(), adoptExisting: true }, true],
  ["no adoptExisting", declared(), false],
  ["adoptExisting that is not known yet", { ...declared(), adoptExisting: unknown }, false],
  ["a project that is not known yet", { ...declared(), adoptExisting: true, projectId: unknown }, false],
])("whether a preview looks, with %s", (_, inputs, expected) => {
  expect(looksAhead({ ...inputs })).toBe(expected);
});

test("one list of the pair is asked for", async () => {
  const { context, clock, rpcs, sent, progress } = bench({ list: [[live({ maxSize: 9 })]] });
  await clock.run(lookAhead(context, { ...declared({ adoptExisting: true }) }));
  expect(rpcs()).toEqual(["list"]);
  expect(sent("list")).toEqual([{ projectIds: [projectId], environmentClassIds: [environmentClassId] }]);
  expect(progress).toEqual([expect.stringContaining(`${poolId}: \`pulumi up\` adopts`)]);
  expect(clock.pending).toEqual([]);
});

test("an API that refuses, or does not answer within 15 s, is a warning and no failure", async () => {
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
