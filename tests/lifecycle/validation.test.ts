/** Checking inputs by rules, whatever the resource. */
import { packageVersion } from "../../src/util/version.js";
import fc from "fast-check";
import { defineProperties } from "../../src/lifecycle/properties.js";
import { checkInputs, isUuid } from "../../src/lifecycle/validation.js";
import { unknown } from "../../src/lifecycle/unknown.js";

const row = { description: "", live: "api" } as const;
const table = defineProperties({
  ownerId: { ...row, type: "uuid", required: true, onChange: "replace" },
  size: { ...row, type: { integer: [0, 20] }, onChange: "update" },
  eager: { ...row, type: "boolean", onChange: "update" },
  mode: { ...row, type: { oneOf: ["soft", true] }, onChange: "update" },
  phase: { ...row, type: "string" },
});

const ownerId = "b0e12f6c-4c67-429d-a4a6-d9838b5da047";
const check = (news: Readonly<Record<string, unknown>>) => checkInputs(table, news);
const reasons = (news: Readonly<Record<string, unknown>>) =>
  check({ ownerId, ...news }).failures.map(({ property, reason }) => [property, reason]);

test("good inputs pass in their normal form", () => {
  expect(check({ ownerId: ownerId.toUpperCase(), size: -0, eager: false, mode: "soft" })).toEqual({
    inputs: { ownerId, size: 0, eager: false, mode: "soft" },
    failures: [],
  });
});

test("null and undefined are absent", () => {
  expect(check({ ownerId, size: null, eager: undefined })).toEqual({ inputs: { ownerId }, failures: [] });
});

test("what is required is missed by name", () => {
  expect(check({}).failures).toEqual([{ property: "ownerId", reason: "ownerId is required" }]);
  expect(check({ ownerId: null }).failures).toHaveLength(1);
});

test("an unknown value passes every rule, and is no missing one", () => {
  const news = { ownerId: unknown, size: unknown, eager: unknown, mode: unknown };
  expect(check(news)).toEqual({ inputs: news, failures: [] });
});

test.each([
  ["size", 21, "size must be a whole number from 0 to 20, but is 21"],
  ["size", -1, "size must be a whole number from 0 to 20, but is -1"],
  ["size", 1.5, "size must be a whole number from 0 to 20, but is 1.5"],
  ["size", NaN, "size must be a whole number from 0 to 20, but is NaN"],
  ["size", Infinity, "size must be a whole number from 0 to 20, but is Infinity"],
  ["size", "3", "size must be a whole number from 0 to 20, but is a string"],
  ["size", [3], "size must be a whole number from 0 to 20, but is a list"],
  ["size", { a: 1 }, "size must be a whole number from 0 to 20, but is an object"],
  ["eager", "true", "eager must be true or false, but is a string"],
  ["eager", 1, "eager must be true or false, but is a number"],
  ["mode", "hard", 'mode must be "soft" or true, but is "hard"'],
  ["mode", "a-secret-in-the-wrong-place", 'mode must be "soft" or true, but is a string'],
  ["mode", false, 'mode must be "soft" or true, but is a boolean'],
])("%s = %j is refused, by property and in words", (property, value, reason) => {
  expect(reasons({ [property]: value })).toEqual([[property, reason]]);
});

test("every mistake is reported, not only the first", () => {
  expect(reasons({ ownerId: 3, size: 99, eager: "x" })).toHaveLength(3);
});

test("a UUID that is none is not repeated: it may be a secret in the wrong place", () => {
  expect(JSON.stringify(check({ ownerId: "hunter2" }).failures)).not.toContain("hunter2");
  expect(reasons({ ownerId: 7 })).toEqual([["ownerId", "ownerId must be a UUID, but is a number"]]);
});

test.each([
  ["", false],
  [ownerId, true],
  [ownerId.toUpperCase(), true],
  [` ${ownerId}`, false],
  [`${ownerId}\n`, false],
  [`{${ownerId}}`, false],
  [ownerId.replaceAll("-", ""), false],
  [ownerId.replace("b", "g"), false],
])("whether %j is a UUID: %s", (text, expected) => {
  expect(isUuid(text)).toBe(expected);
});

describe("a property that the resource does not have", () => {
  test.each([
    ["siez", "siez is not a property of this resource; did you mean size?"],
    ["Size", "Size is not a property of this resource; did you mean size?"],
    ["owner_id", "owner_id is not a property of this resource; did you mean ownerId?"],
    [
      "colour",
      `colour is not a property of this resource (it has ownerId, size, eager, mode) in pulumi-ona ${packageVersion}, which is installed where this program runs`,
    ],
    [
      "__ofTomorrow",
      `__ofTomorrow is not known to pulumi-ona ${packageVersion}, which is installed where this program runs. Where a package of components has a newer release, install that one here, too`,
    ],
    ["phase", "phase is an output and cannot be set"],
  ])("%s is refused", (property, reason) => {
    expect(reasons({ [property]: 1 })).toEqual([[property, reason]]);
  });

  test("is refused even while its value is unknown", () => {
    expect(reasons({ siez: unknown })).toHaveLength(1);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty", ""])("may even be %j", (property) => {
    const news = JSON.parse(`{"ownerId":"${ownerId}",${JSON.stringify(property)}:{"size":3}}`) as Record<
      string,
      unknown
    >;
    const { inputs, failures } = check(news);
    expect(failures.map((failure) => failure.property)).toEqual([property]);
    expect(Object.getPrototypeOf(inputs)).toBe(Object.prototype);
    expect(inputs["size"]).toBeUndefined();
  });
});

describe("customTimeouts", () => {
  test.each(["1s", "1h30m", "1000h", unknown])("may be %p", (create) => {
    const news = { ownerId, __timeouts: { create } };
    expect(check(news)).toEqual({ inputs: news, failures: [] });
  });

  test.each([
    ["0s", '"0s"'],
    ["-1s", '"-1s"'],
    ["", '""'],
    ["soon", '"soon"'],
    ["90", '"90"'],
    ["90 of your minutes", "a string"],
    [90, "a number"],
    [null, "null"],
    [["1s"], "a list"],
    [{}, "an object"],
  ])("%j is refused, by operation", (value, shown) => {
    expect(reasons({ __timeouts: { create: "1m", delete: value } })).toEqual([
      [
        "customTimeouts.delete",
        `customTimeouts.delete must be a positive duration such as "90s" or "1h30m", but is ${shown}`,
      ],
    ]);
  });
});

test("the provider's own text passes unseen", () => {
  expect(check({ ownerId, __provider: "exports.handler = …" }).inputs).toHaveProperty("__provider");
});

/** Anything that can come over the wire, or be unknown. */
const anything = fc.oneof(fc.jsonValue(), fc.constant(unknown), fc.constant(undefined), fc.double(), fc.bigInt());
const names = fc.oneof(fc.constantFrom(...table.shownNames, "__timeouts", "__provider", "__proto__"), fc.string());
const hostile = fc.dictionary(names, anything);

test("no inputs crash it, and each failure names a property and ends no sentence twice", () => {
  fc.assert(
    fc.property(hostile, (news) => {
      for (const { property, reason } of check(news).failures) {
        expect(typeof property).toBe("string");
        expect(reason).not.toBe("");
      }
    }),
    { numRuns: 500 },
  );
});

test("checked inputs check to themselves", () => {
  fc.assert(
    fc.property(hostile, (news) => {
      const once = check(news);
      expect(check(once.inputs)).toEqual(once);
    }),
    { numRuns: 500 },
  );
});

test("the order in which properties are written does not matter", () => {
  fc.assert(
    fc.property(hostile, (news) => {
      const reversed = Object.fromEntries(Object.entries(news).reverse());
      expect(check(reversed).inputs).toEqual(check(news).inputs);
      expect(check(reversed).failures).toHaveLength(check(news).failures.length);
    }),
  );
});
