/** The inputs of a warm pool and how its sizes relate. */
import fc from "fast-check";
import { unknown } from "../../src/lifecycle/unknown.js";
import { checkWarmPool, describeCrossedSizes, initialSizes, managedSizes } from "../../src/warm-pool/inputs.js";
import { readInputs, stateOf } from "../../src/warm-pool/state.js";
import { declared, details } from "../support/pools.js";

test.each([
  [{}, { minSize: 1, maxSize: 2 }],
  [{ minSize: 0 }, { minSize: 0, maxSize: 2 }],
  [{ minSize: 5 }, { minSize: 5, maxSize: 5 }],
  [{ maxSize: 1 }, { minSize: 1, maxSize: 1 }],
  [{ maxSize: 9 }, { minSize: 1, maxSize: 9 }],
  [
    { minSize: 3, maxSize: 7 },
    { minSize: 3, maxSize: 7 },
  ],
])("a pool declared with %j starts with %j", (sizes, initial) => {
  expect(initialSizes(sizes)).toEqual(initial);
});

const minSize = fc.integer({ min: 0, max: 20 });
const maxSize = fc.integer({ min: 1, max: 20 });

test("a new pool has the declared sizes, and minSize never exceeds maxSize or the bounds", () => {
  fc.assert(
    fc.property(fc.record({ minSize, maxSize }, { requiredKeys: [] }), (sizes) => {
      fc.pre(sizes.minSize === undefined || sizes.maxSize === undefined || sizes.minSize <= sizes.maxSize);
      const initial = initialSizes(sizes);
      expect(initial).toMatchObject(sizes);
      expect(initial.minSize).toBeLessThanOrEqual(initial.maxSize);
      expect(checkWarmPool({ ...declared(), ...initial }).failures).toEqual([]);
    }),
  );
});

test("only sizes that are declared as numbers are managed", () => {
  expect(managedSizes({ minSize: 0 })).toEqual({ minSize: 0 });
  expect(managedSizes({ minSize: unknown, maxSize: undefined })).toEqual({});
  expect(stateOf(details(), declared(), false).__managed).toEqual(["minSize", "maxSize"]);
  const { minSize: _, ...rest } = declared();
  expect(stateOf(details(), rest, false).__managed).toEqual(["maxSize"]);
});

test.each([
  [
    { minSize: 5 },
    { minSize: 1, maxSize: 4 },
    /^minSize \(5\) is greater than the pool's unmanaged maxSize \(4\)\. Set maxSize too/,
  ],
  [
    { maxSize: 2 },
    { minSize: 3, maxSize: 4 },
    /^maxSize \(2\) is smaller than the pool's unmanaged minSize \(3\)\. Set minSize too/,
  ],
])("%j on a pool with %j conflicts with the unmanaged size, and the sentence names both", (managed, live, sentence) => {
  expect(describeCrossedSizes(managed, live)).toMatch(sentence);
});

test.each([
  [
    { minSize: 5 },
    { minSize: 5, maxSize: 9 },
    /^minSize \(5\) is greater than the pool's maxSize \(4\), .* in `ignoreChanges`, or lower minSize$/,
  ],
  [
    { maxSize: 2 },
    { minSize: 1, maxSize: 2 },
    /^maxSize \(2\) is smaller than the pool's minSize \(3\), .* in `ignoreChanges`, or raise maxSize$/,
  ],
])("%j conflicts with a managed size that isn't sent, and the sentence names both", (sent, managed, sentence) => {
  expect(describeCrossedSizes(sent, { minSize: 3, maxSize: 4 }, managed)).toMatch(sentence);
});

test.each([
  [{}, { minSize: 1, maxSize: 4 }],
  [{ minSize: 4 }, { minSize: 1, maxSize: 4 }],
  [{ maxSize: 1 }, { minSize: 1, maxSize: 4 }],
  [
    { minSize: 9, maxSize: 12 },
    { minSize: 1, maxSize: 4 },
  ],
  [
    { minSize: 1, maxSize: 2 },
    { minSize: 3, maxSize: 4 },
  ],
  [{ minSize: 9 }, {}],
])("%j on a pool with %j has no conflict", (managed, live) => {
  expect(describeCrossedSizes(managed, live)).toBeUndefined();
});

test("readInputs picks the valid inputs and nothing else", () => {
  const inputs = declared({ adoptExisting: true, waitForReady: "ifSnapshot" });
  expect(readInputs({ ...inputs, __provider: "…", other: 1 })).toEqual(inputs);
  expect(readInputs({ ...declared(), waitForReady: "x", adoptExisting: 1 })).toEqual(declared());
});
