import { aliasUrns } from "../../../../src/testing/engine/plan/aliases.js";
import {
  applyReplaceOnChanges,
  interpretDiff,
  isReplacement,
} from "../../../../src/testing/engine/plan/interpret-diff.js";
import { UrnSet } from "../../../../src/testing/engine/plan/targets.js";
import { contains, keepOld, parsePath } from "../../../../src/testing/engine/state/property-paths.js";
import { printChange } from "../../../../src/testing/engine/show/print-properties.js";
import { parseSeconds } from "../../../../src/testing/engine/host/registration-requests.js";
import { deletionGroups, newState } from "../../../../src/testing/engine/state/resource-state.js";
import {
  type PropertyMap,
  equal,
  fromWire,
  Secret,
  toWire,
  unknown,
  type Json,
} from "../../../../src/testing/engine/state/property-values.js";

test.each([
  ["a", ["a"]],
  ["a.b[0]", ["a", "b", 0]],
  ['a["b.c"].d', ["a", "b.c", "d"]],
  ["a[*].b", ["a", "*", "b"]],
])("reads the path %s", (text, path) => {
  expect(parsePath(text)).toEqual(path);
});

test("refuses a malformed path", () => {
  expect(() => parsePath("a[")).toThrow('"a[" is not a property path');
});

test.each([
  ["*", "size", true],
  ["a", "a.b", true],
  ["a.b", "a", false],
  ["a[*].b", "a[3].b", true],
])("%s contains %s: %s", (outer, inner, yes) => {
  expect(contains(parsePath(outer), parsePath(inner))).toBe(yes);
});

test("keeps the old value of an ignored property, and omits it if there was none", () => {
  const olds = { a: 1, deep: { x: 1, y: 2 }, list: [{ v: 1 }, { v: 2 }] };
  const news = { a: 2, b: 3, deep: { x: 9, y: 9 }, list: [{ v: 8 }, { v: 9 }] };
  expect(keepOld(news, olds, ["a", "b", "deep.x", "list[*].v"])).toEqual({
    inputs: { a: 1, deep: { x: 1, y: 9 }, list: olds.list },
    failed: [],
  });
  expect(keepOld(news, olds, [])).toEqual({ inputs: news, failed: [] });
  expect(keepOld({ a: new Secret({ x: 2 }) }, { a: new Secret({ x: 1 }) }, ["a.x"]).inputs).toEqual({
    a: new Secret({ x: 1 }),
  });
});

/** What engine 3.260 passed to Check, and whether it reported that it cannot ignore changes. */
const lists = { list: [1, 2], deep: { a: { x: 1 }, b: { x: 2 } }, size: 9 };
test.each<[path: string, news: object, kept: object, isKept: boolean]>([
  ["*", { list: "x", more: 1 }, {}, true],
  ["size.x", { size: 4 }, { size: 4 }, true],
  ["a.b", {}, {}, true],
  ["deep.*", { deep: { a: 5, more: 1 } }, {}, true],
  ["deep.more", { deep: { ...lists.deep, more: 1 } }, {}, true],
  ["deep.more.x", { deep: { ...lists.deep, more: { x: 1 } } }, { deep: { ...lists.deep, more: {} } }, true],
  ["*.a", { deep: { ...lists.deep, a: 5 } }, {}, true],
  ["list[1]", { list: [1, 3] }, {}, true],
  ["list[*]", { list: [5, 3] }, {}, true],
  ["list[7]", { list: [1, 2, 3] }, { list: [1, 2, 3] }, true],
  ["list[1]", { list: [1] }, { list: [1] }, false],
  ["list[2]", { list: [1, 2, 3] }, { list: [1, 2, 3] }, false],
  ["list[*]", { list: [5, 2, 3] }, { list: [1, 2, 3] }, false],
  ["deep[0]", { deep: ["x"] }, { deep: ["x"] }, false],
  ["deep.a", { deep: undefined }, { deep: undefined }, false],
  ["deep.a", { deep: "x" }, { deep: "x" }, false],
  ["deep.*.x", { deep: { a: { x: 5 }, b: { x: 6 } } }, {}, true],
  ["deep.*.x", { deep: { a: { x: 5 } } }, { deep: { a: { x: 1 } } }, false],
  ["deep.*.x", { deep: { ...lists.deep, c: { x: 3 } } }, { deep: { ...lists.deep, c: { x: 3 } } }, true],
  ["deep.*.x", { deep: "x" }, { deep: "x" }, false],
])("ignores changes of %s in %j as the real engine does", (path, news, kept, isKept) => {
  const of = (changes: object) => JSON.parse(JSON.stringify({ ...lists, ...changes })) as PropertyMap;
  expect(keepOld(of(news), lists, [path])).toEqual({ inputs: of(kept), failed: isKept ? [] : [path] });
});

test("compares the inputs if a provider does not say whether anything changed", () => {
  const vague = { changes: "unknown", diffs: [], replaces: [], deleteBeforeReplace: true } as const;
  expect(interpretDiff(vague, { a: 1, b: 1 }, { a: 2, b: 1 }, [])).toMatchObject({ some: true, changedKeys: ["a"] });
  expect(interpretDiff(vague, { a: 1 }, { a: 2 }, ["a"])).toMatchObject({ some: false });
  expect(interpretDiff(vague, { a: new Secret(1) }, { a: 1 }, [])).toMatchObject({ some: false });
  const sure = { ...vague, changes: "some" } as const;
  expect(interpretDiff(sure, { a: 1 }, { a: 2 }, [])).toMatchObject({ some: true, changedKeys: undefined });
  expect(interpretDiff({ ...sure, diffs: ["a"] }, {}, {}, [])).toMatchObject({ some: true, changedKeys: ["a"] });
});

test("applies replaceOnChanges only if the changed properties are known", () => {
  const named = { some: true, replaceKeys: [], changedKeys: ["size"], deleteBeforeReplace: false };
  expect(isReplacement(applyReplaceOnChanges(named, ["size"], false))).toBe(true);
  expect(isReplacement(applyReplaceOnChanges({ ...named, changedKeys: undefined }, ["size"], false))).toBe(false);
});

test("matches targets with wildcards", () => {
  const set = new UrnSet(["urn:pulumi:dev::p::a:b:C::one", "**::two*"]);
  expect(set.has("urn:pulumi:dev::p::a:b:C::one")).toBe(true);
  expect(set.has("urn:pulumi:dev::p::x:y:Z::two-b")).toBe(true);
  expect(set.has("urn:pulumi:dev::p::x:y:Z::three")).toBe(false);
  expect(set.missing(new Set())).toEqual(["urn:pulumi:dev::p::a:b:C::one"]);
});

test("deletes dependents before their dependencies, and independent resources together", () => {
  const state = (name: string, dependencies: string[] = []): ReturnType<typeof newState> =>
    newState({ urn: name, type: "a:b:C", dependencies });
  const groups = deletionGroups([state("one"), state("two", ["one"]), state("three", ["one"]), state("four", ["two"])]);
  expect(groups.map((group) => group.map(({ urn }) => urn).sort())).toEqual([["four"], ["three", "two"], ["one"]]);
});

test("finds a child under the old name of its parent", () => {
  const identity = {
    stack: "dev",
    project: "p",
    name: "new-child",
    type: "a:b:C",
    parent: "urn:pulumi:dev::p::x:y:Group::new",
  };
  const renamed = new Map([[identity.parent, "urn:pulumi:dev::p::x:y:Group::old"]]);
  expect(aliasUrns(identity, [], renamed)).toEqual(["urn:pulumi:dev::p::x:y:Group$a:b:C::old-child"]);
});

test.each([
  ["3m", 180],
  ["1h30m", 5400],
  ["1.5s", 1.5],
  ["0", 0],
])("reads the timeout %s as %d seconds", (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});

test.each(["", "soon", "5", "3m?"])("refuses the timeout %p", (text) => {
  expect(() => parseSeconds(text)).toThrow("unable to parse customTimeout Value");
});

test("converts values to gRPC and back, with plain secrets for a peer that did not ask for marked ones", () => {
  const value = { a: new Secret({ b: [1, null, unknown] }), c: "text" };
  const wire = toWire(value, { secrets: true, references: true });
  expect(equal(fromWire(JSON.parse(JSON.stringify(wire)) as Json), value)).toBe(true);
  expect(toWire(value, { secrets: false, references: false })).toMatchObject({
    a: { b: [1, null, expect.any(String)] },
  });
});

test("prints a change with signs, values and aligned names", () => {
  const olds = { a: 1, gone: { x: [1] }, hush: new Secret("x"), same: true, __internal: 1 };
  const news = { a: 2, hush: new Secret("y"), more: [], same: true, __internal: 2 };
  expect(printChange(olds, news, { depth: 1, planning: true }).split("\n")).toEqual([
    "  ~ a   : 1 => 2",
    "  - gone: {",
    "      - x: [",
    "          - [0]: 1",
    "        ]",
    "    }",
    "  ~ hush: [secret] => [secret]",
    "  + more: []",
    "    same: true",
    "",
  ]);
});
