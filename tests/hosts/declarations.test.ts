import { Declarations } from "../../src/hosts/declarations.js";
import { unknown } from "../../src/lifecycle/unknown.js";

const identity = ["projectId", "environmentClassId"];
const pair = { projectId: "p", environmentClassId: "c" };
const [web, other] = [{ name: "web" }, { name: "web-2" }];

describe("an object that two resources declare", () => {
  const declarations = () => new Declarations(identity);

  test("is reported to the second one, with the name of the first", () => {
    const declared = declarations();
    expect(declared.declare({ ...pair, minSize: 1 }, web)).toBeUndefined();
    expect(declared.declare({ ...pair, minSize: 3 }, web)).toBeUndefined();
    expect(declared.declare({ ...pair, minSize: 3 }, other)).toBe("web");
  });

  test("is told apart by URN, if two resources have one name", () => {
    const declared = declarations();
    expect(declared.declare(pair, { name: "web", urn: "urn:a" })).toBeUndefined();
    expect(declared.declare(pair, { name: "web", urn: "urn:a" })).toBeUndefined();
    expect(declared.declare(pair, { name: "web", urn: "urn:b" })).toBe("web");
  });

  test("is another one over another connection, since each connection is an account of its own", () => {
    const declared = declarations();
    declared.declare(pair, web);
    expect(declared.declare({ ...pair, connection: "eu" }, other)).toBeUndefined();
    expect(declared.declare({ ...pair, connection: "eu" }, { name: "web-3" })).toBe("web-2");
  });

  test.each([
    {},
    { projectId: "p" },
    { ...pair, projectId: 7 },
    { projectId: null, environmentClassId: "c" },
    { ...pair, projectId: unknown },
    { ...pair, connection: unknown },
  ])("is not reported for an incomplete or unknown identity: %j", (partial) => {
    const declared = declarations();
    expect(declared.declare(partial, web)).toBeUndefined();
    expect(declared.declare(partial, other)).toBeUndefined();
  });

  test("is not reported if several objects can have the same values", () => {
    const declared = new Declarations(undefined);
    declared.declare(pair, web);
    expect(declared.declare(pair, other)).toBeUndefined();
  });
});

describe("objects that resources keep", () => {
  const inputs = { ...pair, minSize: 1 };

  test("include the object of a declared resource that stays", () => {
    const declarations = new Declarations(identity);
    declarations.declare(inputs, web);
    expect(declarations.isKept("id")).toBe(false);
    declarations.keep({ ...inputs, minSize: 2 }, "id");
    expect(declarations.isKept("id")).toBe(true);
    expect(declarations.isKept("other")).toBe(false);
  });

  test("do not include what is only refreshed, since no program has declared it", () => {
    const declarations = new Declarations(identity);
    declarations.keep(inputs, "id");
    expect(declarations.isKept("id")).toBe(false);
  });

  test("do not include what is checked again, since it will be replaced", () => {
    const declarations = new Declarations(identity);
    declarations.declare(inputs, {});
    declarations.keep(inputs, "id");
    declarations.declare(inputs, {});
    expect(declarations.isKept("id")).toBe(false);
  });

  test.each([
    ["an object without identity", undefined, inputs],
    ["an incomplete identity", identity, { projectId: "p" }],
  ])("do not include %s", (_what, properties, declared) => {
    const declarations = new Declarations(properties);
    declarations.declare(declared, web);
    declarations.keep(declared, "id");
    expect(declarations.isKept("id")).toBe(false);
  });

  test("are known by URN, until their resource is checked again to be replaced", () => {
    const declarations = new Declarations(undefined);
    declarations.declare(inputs, { ...web, urn: "urn:a" });
    declarations.keep(inputs, "id", "urn:a");
    expect(declarations.isKept("id")).toBe(true);
    declarations.declare(inputs, { ...web, urn: "urn:a" });
    expect(declarations.isKept("id")).toBe(false);
  });
});
