/** Comparing values of any shape, such as triggers. */
import fc from "fast-check";
import { sameValue } from "../../src/lifecycle/same-value.js";
import { unknown } from "../../src/lifecycle/unknown.js";

// How Pulumi's wire format says that an object is an asset or an archive.
const signature = "4dabf18193072939515e22adb298388d";
const asset = (properties: object) => ({ [signature]: "c44067f5952c0a294b673a41bacd8c17", ...properties });

test.each([
  ["the same string", "a", "a"],
  ["the same number", 1, 1],
  ["the same list", [1, "a", false], [1, "a", false]],
  ["objects whose keys are in another order", { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
  ["such objects in a list", [{ a: 1, b: 2 }], [{ b: 2, a: 1 }]],
  ["two absent values", undefined, undefined],
  ["null and undefined", null, undefined],
  ["a property that is null and one that is absent", { a: 1, b: null }, { a: 1 }],
  ["a property that is absent and one that is undefined", { a: 1 }, { a: 1, b: undefined }],
  ["such properties deep inside", [{ a: { b: null } }], [{ a: {} }]],
  ["null in the same place of a list", [null, 1], [null, 1]],
  ["empty lists", [], []],
  ["empty objects", {}, {}],
])("sameValue is true for %s", (_what, old, now) => {
  expect(sameValue(old, now)).toBe(true);
  expect(sameValue(now, old)).toBe(true);
});

test.each([
  ["another string", "a", "b"],
  ["letters of another case", "a", "A"],
  ["a number and its digits as a string", 1, "1"],
  ["0 and false", 0, false],
  ["0 and undefined", 0, undefined],
  ["an empty string and undefined", "", undefined],
  ["false and null", false, null],
  ["an empty list and undefined", [], undefined],
  ["an empty object and undefined", {}, undefined],
  ["an empty list and an empty object", [], {}],
  ["a list and an object with the same items", ["a"], { 0: "a" }],
  ["a value and a list of it", "a", ["a"]],
  ["a string and an object", "a", {}],
  ["another order of a list", [1, 2], [2, 1]],
  ["an item more", [1], [1, 2]],
  ["an item that is null more", [1], [1, null]],
  ["another key with the same value", { a: 1 }, { b: 1 }],
  ["a key more", { a: 1 }, { a: 1, b: 2 }],
  ["another value deep inside", { a: [{ b: { c: 1 } }] }, { a: [{ b: { c: 2 } }] }],
])("sameValue is false for %s", (_what, old, now) => {
  expect(sameValue(old, now)).toBe(false);
  expect(sameValue(now, old)).toBe(false);
});

test.each([
  ["as a whole", "a", unknown],
  ["where there was no value", undefined, unknown],
  ["in a list", [1, 2], [1, unknown]],
  ["in an object", { a: 1 }, { a: unknown }],
  ["deep inside", { a: [{ b: 1 }] }, { a: [{ b: unknown }] }],
  ["in place of an absent value", { a: null }, { a: unknown }],
  ["that was unknown before", unknown, unknown],
  ["inside a list that had one before", [unknown], [unknown]],
])("an unknown value %s counts as changed", (_where, old, now) => {
  expect(sameValue(old, now)).toBe(false);
  expect(sameValue(now, old)).toBe(false);
});

describe("assets and archives", () => {
  test("are the same if their content is, wherever it comes from", () => {
    expect(sameValue(asset({ hash: "h", path: "a/lock.json" }), asset({ hash: "h", path: "/b/lock.json" }))).toBe(true);
    expect(sameValue({ files: [asset({ hash: "h", path: "a" })] }, { files: [asset({ hash: "h", text: "x" })] })).toBe(
      true,
    );
  });

  test("differ if their content does, even in the same file", () => {
    expect(sameValue(asset({ hash: "h", path: "lock.json" }), asset({ hash: "i", path: "lock.json" }))).toBe(false);
  });

  test("without a hash are compared like any object", () => {
    expect(sameValue(asset({ text: "x" }), asset({ text: "x" }))).toBe(true);
    expect(sameValue(asset({ text: "x" }), asset({ text: "y" }))).toBe(false);
    expect(sameValue(asset({ text: "x", hash: "h" }), asset({ text: "x" }))).toBe(false);
  });

  test("whose content is unknown count as changed", () => {
    expect(sameValue(asset({ hash: "h" }), asset({ hash: unknown }))).toBe(false);
    expect(sameValue(asset({ hash: unknown }), asset({ hash: unknown }))).toBe(false);
  });

  test("whose hash is empty are compared like any object", () => {
    expect(sameValue(asset({ hash: "", path: "a" }), asset({ hash: "", path: "b" }))).toBe(false);
  });

  test("are told from plain objects that happen to have a hash", () => {
    expect(sameValue({ hash: "h", path: "a" }, { hash: "h", path: "b" })).toBe(false);
  });
});

test("a key with the name of one of Object's own members is a key like any other", () => {
  const parse = (text: string): unknown => JSON.parse(text);
  expect(sameValue(parse('{ "__proto__": 1 }'), {})).toBe(false);
  expect(sameValue(parse('{ "__proto__": 1 }'), parse('{ "__proto__": 1 }'))).toBe(true);
  expect(sameValue(parse('{ "constructor": 1 }'), {})).toBe(false);
  expect(sameValue({ toString: null }, {})).toBe(true);
});

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, undefined, true, 0, "", "a"),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "hash", signature, "__proto__"), tie("tree"), { maxKeys: 4 }),
  ),
}));

/** The same value with the keys of every object in the opposite order, as a copy. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reordered(part)]),
  );
}

test("every value is the same as itself with its keys in another order", () => {
  fc.assert(fc.property(tree, (value) => expect(sameValue(value, reordered(value))).toBe(true)));
});

test("the comparison is symmetric", () => {
  fc.assert(
    fc.property(tree, tree, (a, b) => expect(sameValue(a, b)).toBe(sameValue(b, a))),
    { numRuns: 1_000 },
  );
});

test("a value is the same after a round trip through state as JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => expect(sameValue(JSON.parse(JSON.stringify(value)), value)).toBe(true)),
  );
});
