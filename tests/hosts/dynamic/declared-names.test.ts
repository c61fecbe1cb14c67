import fc from "fast-check";
import { DeclaredNames } from "../../../src/hosts/dynamic/declared-names.js";
import { unknown } from "../../../src/lifecycle/unknown.js";

test("what Check got is found by the identity, and only if there is one", () => {
  const pair = { projectId: "p", environmentClassId: "c" };
  const context = { oldInputs: { ...pair, minSize: 1 }, ignoreChanges: ["maxSize"] };
  const known = new DeclaredNames(["projectId", "environmentClassId"]);
  known.declare({ ...pair, minSize: 2 }, { name: "web" }, context);
  expect(known.contextOf({ ...pair, minSize: 3 })).toEqual(context);
  expect(known.contextOf({ ...pair, connection: "eu" })).toEqual({});
  expect(known.contextOf({ ...pair, projectId: unknown })).toEqual({});
  known.declare({ ...pair, minSize: 2 }, { name: "web" });
  expect(known.contextOf(pair)).toEqual({});

  const anonymous = new DeclaredNames(undefined);
  anonymous.declare(pair, { name: "build" }, context);
  expect(anonymous.contextOf(pair)).toEqual({});
});

describe("names of resources with an identity", () => {
  const declarations = () => new DeclaredNames(["projectId", "environmentClassId"]);
  const pair = { projectId: "p", environmentClassId: "c" };

  test("are found by the identity, from inputs and from state", () => {
    const known = declarations();
    known.declare({ ...pair, minSize: 1 }, { name: "web" });
    expect(known.nameOf({ ...pair, minSize: 2 })).toBe("web");
    expect(known.nameOf({ ...pair, phase: "READY" }, "id-1")).toBe("web");
  });

  test("are those of the resource that declares an identity first", () => {
    const known = declarations();
    known.declare(pair, { name: "web" });
    known.declare({ ...pair, minSize: 3 }, { name: "web-2" });
    expect(known.nameOf(pair)).toBe("web");
  });

  test("are distinguished by connection, since each connection is an account of its own", () => {
    const known = declarations();
    known.declare(pair, { name: "web" });
    known.declare({ ...pair, connection: "eu" }, { name: "web-eu" });
    expect(known.nameOf({ ...pair, connection: "eu" })).toBe("web-eu");
    expect(known.nameOf(pair)).toBe("web");
  });

  test("are found by id after the identity has changed", () => {
    const known = declarations();
    known.declare(pair, { name: "web" });
    known.nameOf(pair, "id-1");
    expect(known.nameOf({ projectId: "q", environmentClassId: "c" }, "id-1")).toBe("web");
    expect(known.nameOf({}, "id-1")).toBe("web");
    expect(known.nameOf({}, "id-2")).toBeUndefined();
  });

  test("are found from state by id first, since two resources may have swapped their identities", () => {
    const known = declarations();
    const other = { ...pair, environmentClassId: "d" };
    known.declare(other, { name: "a" });
    known.declare(pair, { name: "b" });
    known.nameOf(other, "id-1");
    expect(known.nameOfState(pair, "id-1")).toBe("a");
    expect(known.nameOfState(pair, "id-2")).toBe("b");
    expect(known.nameOfState({}, "id-3")).toBeUndefined();
  });

  test("come with the URN, unless several resources have the same inputs", () => {
    const known = declarations();
    known.declare(pair, { name: "web", urn: "urn:a" });
    expect(known.urnOf(pair)).toBe("urn:a");
    expect(known.urnOf({ ...pair, environmentClassId: "d" })).toBeUndefined();
    const runs = new DeclaredNames(undefined);
    for (const urn of ["urn:a", "urn:b"]) runs.declare({ projectId: "p" }, { name: "run", urn });
    expect(runs.urnOf({ projectId: "p" })).toBeUndefined();
  });

  test("are those of the resource that had an id last", () => {
    const known = declarations();
    known.declare(pair, { name: "web" });
    known.nameOf(pair, "id-1");
    known.declare({ ...pair, projectId: "q" }, { name: "renamed" });
    known.nameOf({ ...pair, projectId: "q" }, "id-1");
    expect(known.nameOf({}, "id-1")).toBe("renamed");
  });

  test.each([
    {},
    { projectId: "p" },
    { ...pair, projectId: 7 },
    { projectId: null, environmentClassId: "c" },
    { ...pair, projectId: unknown },
    { ...pair, connection: unknown },
  ])("are not recorded for an incomplete or unknown identity: %j", (partial) => {
    const known = declarations();
    known.declare(partial, { name: "web" });
    known.declare(partial, { name: "web-2" });
    expect(known.nameOf(partial)).toBeUndefined();
  });
});

describe("names of resources that can be equal", () => {
  const declarations = () => new DeclaredNames(undefined);
  const inputs = { projectId: "p", triggers: { a: 1, b: [{ c: 2, d: 3 }] } };

  test("are found by all inputs together, in any order", () => {
    const known = declarations();
    known.declare(inputs, { name: "web" });
    expect(known.nameOf({ triggers: { b: [{ d: 3, c: 2 }], a: 1 }, projectId: "p" })).toBe("web");
    expect(known.nameOf({ ...inputs, timeout: "1h" })).toBeUndefined();
    expect(known.nameOf({ projectId: "p", triggers: { a: 1, b: [] } })).toBeUndefined();
  });

  test("are unknown if two resources declare the same inputs, which is allowed", () => {
    const known = declarations();
    known.declare(inputs, { name: "web" });
    known.declare(inputs, { name: "web-2" });
    expect(known.nameOf(inputs)).toBeUndefined();
    known.declare(inputs, { name: "web" });
    expect(known.nameOf(inputs)).toBeUndefined();
  });

  test("are still found by id if another resource declares the same inputs later", () => {
    const known = declarations();
    known.declare(inputs, { name: "web" });
    expect(known.nameOf(inputs, "id-1")).toBe("web");
    known.declare(inputs, { name: "web-2" });
    expect(known.nameOf(inputs, "id-1")).toBe("web");
    expect(known.nameOf(inputs, "id-2")).toBeUndefined();
  });

  test("can be declared again by the same resource", () => {
    const known = declarations();
    known.declare(inputs, { name: "web" });
    known.declare(inputs, { name: "web" });
    expect(known.nameOf(inputs)).toBe("web");
  });

  test("are found by id from state, which has more than the inputs", () => {
    const known = declarations();
    known.declare(inputs, { name: "web" });
    expect(known.nameOf({ ...inputs, phase: "COMPLETED" }, "id-1")).toBeUndefined();
    known.nameOf(inputs, "id-1");
    expect(known.nameOf({ ...inputs, phase: "COMPLETED" }, "id-1")).toBe("web");
  });

  test("depend on the order of a list", () => {
    const known = declarations();
    known.declare({ triggers: [1, 2] }, { name: "web" });
    expect(known.nameOf({ triggers: [2, 1] })).toBeUndefined();
  });

  test("are found for any property names and values", () => {
    const key = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString"));
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), (properties) => {
        const known = declarations();
        known.declare(properties, { name: "web" });
        expect(known.nameOf(Object.fromEntries(Object.entries(properties).reverse()))).toBe("web");
        expect(known.nameOf({ ...properties, "another property": { a: 1 } })).toBeUndefined();
      }),
    );
  });
});
