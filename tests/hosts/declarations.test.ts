/** The names that people gave to resources, in what is said of them. */
import fc from "fast-check";
import { Names } from "../../src/hosts/declarations.js";
import { unknownMarker } from "../support/provider-process.js";

describe("of resources with an identity", () => {
  const names = () => new Names(["projectId", "environmentClassId"]);
  const pair = { projectId: "p", environmentClassId: "c" };

  test("are found by it, from inputs and from state", () => {
    const known = names();
    expect(known.declare({ ...pair, minSize: 1 }, "web")).toBeUndefined();
    expect(known.of({ ...pair, minSize: 2 })).toBe("web");
    expect(known.of({ ...pair, phase: "READY" }, "id-1")).toBe("web");
  });

  test("that was declared by another resource are told", () => {
    const known = names();
    known.declare(pair, "web");
    expect(known.declare({ ...pair, minSize: 3 }, "web-2")).toBe("web");
    expect(known.of(pair)).toBe("web");
  });

  test("are told apart by their connections, which are accounts of their own", () => {
    const known = names();
    known.declare(pair, "web");
    expect(known.declare({ ...pair, connection: "eu" }, "web-eu")).toBeUndefined();
    expect(known.declare({ ...pair, connection: "eu" }, "web-eu-2")).toBe("web-eu");
    expect(known.of({ ...pair, connection: "eu" })).toBe("web-eu");
    expect(known.of(pair)).toBe("web");
  });

  test("may be declared again by the same resource", () => {
    const known = names();
    known.declare(pair, "web");
    expect(known.declare({ ...pair, minSize: 3 }, "web")).toBeUndefined();
  });

  test("are kept by id, for a state whose identity has changed", () => {
    const known = names();
    known.declare(pair, "web");
    known.of(pair, "id-1");
    expect(known.of({ projectId: "q", environmentClassId: "c" }, "id-1")).toBe("web");
    expect(known.of({}, "id-1")).toBe("web");
    expect(known.of({}, "id-2")).toBeUndefined();
  });

  test("of state are found by id first: two resources may have exchanged what they are of", () => {
    const known = names();
    const other = { ...pair, environmentClassId: "d" };
    known.declare(other, "a");
    known.declare(pair, "b");
    known.of(other, "id-1");
    expect(known.ofState(pair, "id-1")).toBe("a");
    expect(known.ofState(pair, "id-2")).toBe("b");
    expect(known.ofState({}, "id-3")).toBeUndefined();
  });

  test("are those of the newest resource with an id", () => {
    const known = names();
    known.declare(pair, "web");
    known.of(pair, "id-1");
    known.declare({ ...pair, projectId: "q" }, "renamed");
    known.of({ ...pair, projectId: "q" }, "id-1");
    expect(known.of({}, "id-1")).toBe("renamed");
  });

  test.each([
    {},
    { projectId: "p" },
    { ...pair, projectId: 7 },
    { projectId: null, environmentClassId: "c" },
    { ...pair, projectId: unknownMarker },
    { ...pair, connection: unknownMarker },
  ])("that is not complete, or not known yet, are nobody's: %j", (partial) => {
    const known = names();
    expect(known.declare(partial, "web")).toBeUndefined();
    expect(known.declare(partial, "web-2")).toBeUndefined();
    expect(known.of(partial)).toBeUndefined();
  });
});

describe("of resources that can be alike", () => {
  const names = () => new Names(undefined);
  const inputs = { projectId: "p", triggers: { a: 1, b: [{ c: 2, d: 3 }] } };

  test("are found by all inputs together, in whatever order", () => {
    const known = names();
    known.declare(inputs, "web");
    expect(known.of({ triggers: { b: [{ d: 3, c: 2 }], a: 1 }, projectId: "p" })).toBe("web");
    expect(known.of({ ...inputs, timeout: "1h" })).toBeUndefined();
    expect(known.of({ projectId: "p", triggers: { a: 1, b: [] } })).toBeUndefined();
  });

  test("are said of none where two declare the same, and that is no mistake", () => {
    const known = names();
    expect(known.declare(inputs, "web")).toBeUndefined();
    expect(known.declare(inputs, "web-2")).toBeUndefined();
    expect(known.of(inputs)).toBeUndefined();
    expect(known.declare(inputs, "web")).toBeUndefined();
    expect(known.of(inputs)).toBeUndefined();
  });

  test("are still found by id where two declare the same later", () => {
    const known = names();
    known.declare(inputs, "web");
    expect(known.of(inputs, "id-1")).toBe("web");
    known.declare(inputs, "web-2");
    expect(known.of(inputs, "id-1")).toBe("web");
    expect(known.of(inputs, "id-2")).toBeUndefined();
  });

  test("may be declared again by the same resource", () => {
    const known = names();
    known.declare(inputs, "web");
    known.declare(inputs, "web");
    expect(known.of(inputs)).toBe("web");
  });

  test("are found by id from state, which has more than the inputs", () => {
    const known = names();
    known.declare(inputs, "web");
    expect(known.of({ ...inputs, phase: "COMPLETED" }, "id-1")).toBeUndefined();
    known.of(inputs, "id-1");
    expect(known.of({ ...inputs, phase: "COMPLETED" }, "id-1")).toBe("web");
  });

  test("an order of a list is a difference", () => {
    const known = names();
    known.declare({ triggers: [1, 2] }, "web");
    expect(known.of({ triggers: [2, 1] })).toBeUndefined();
  });

  test("whatever the inputs are called and hold, they are found again", () => {
    const key = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString"));
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), (properties) => {
        const known = names();
        known.declare(properties, "web");
        expect(known.of(Object.fromEntries(Object.entries(properties).reverse()))).toBe("web");
        expect(known.of({ ...properties, "one more": { of: "them" } })).toBeUndefined();
      }),
    );
  });
});
