/** Validation of inputs by a property table. */
import { packageVersion } from "../../src/util/version.js";
import fc from "fast-check";
import { defineProperties } from "../../src/lifecycle/properties.js";
import { checkInputs } from "../../src/lifecycle/validation.js";
import { isUuid } from "../../src/util/uuid.js";
import { unknown } from "../../src/lifecycle/unknown.js";

const row = { live: "api" } as const;
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

test("valid inputs pass in their normal form", () => {
  expect(check({ ownerId: ownerId.toUpperCase(), size: -0, eager: false, mode: "soft" })).toEqual({
    inputs: { ownerId, size: 0, eager: false, mode: "soft" },
    failures: [],
  });
});

test("null and undefined count as absent", () => {
  expect(check({ ownerId, size: null, eager: undefined })).toEqual({ inputs: { ownerId }, failures: [] });
});

test("a missing required input is reported by name", () => {
  expect(check({}).failures).toEqual([{ property: "ownerId", reason: "ownerId is required" }]);
  expect(check({ ownerId: null }).failures).toHaveLength(1);
});

test("an unknown value passes every rule and does not count as missing", () => {
  const news = { ownerId: unknown, size: unknown, eager: unknown, mode: unknown };
  expect(check(news)).toEqual({ inputs: news, failures: [] });
});

test.each([
  ["size", 21, "size must be a whole number from 0 to 20, got 21"],
  ["size", -1, "size must be a whole number from 0 to 20, got -1"],
  ["size", 1.5, "size must be a whole number from 0 to 20, got 1.5"],
  ["size", NaN, "size must be a whole number from 0 to 20, got NaN"],
  ["size", Infinity, "size must be a whole number from 0 to 20, got Infinity"],
  ["size", "3", "size must be a whole number from 0 to 20, got a string"],
  ["size", [3], "size must be a whole number from 0 to 20, got a list"],
  ["size", { a: 1 }, "size must be a whole number from 0 to 20, got an object"],
  ["eager", "true", "eager must be true or false, got a string"],
  ["eager", 1, "eager must be true or false, got a number"],
  ["mode", "hard", 'mode must be "soft" or true, got "hard"'],
  ["mode", "a-secret-in-the-wrong-place", 'mode must be "soft" or true, got a string'],
  ["mode", false, 'mode must be "soft" or true, got a boolean'],
])("%s = %j is refused by name, with the rule and the value", (property, value, reason) => {
  expect(reasons({ [property]: value })).toEqual([[property, reason]]);
});

test("every mistake is reported, not only the first", () => {
  expect(reasons({ ownerId: 3, size: 99, eager: "x" })).toHaveLength(3);
});

test("an invalid UUID is not repeated, because it may be a secret in the wrong place", () => {
  expect(JSON.stringify(check({ ownerId: "hunter2" }).failures)).not.toContain("hunter2");
  expect(reasons({ ownerId: 7 })).toEqual([["ownerId", "ownerId must be a UUID, got a number"]]);
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
])("isUuid(%j) is %s", (text, expected) => {
  expect(isUuid(text)).toBe(expected);
});

describe("a property that the resource does not have", () => {
  test.each([
    ["siez", "siez is not a property of this resource. Did you mean size?"],
    ["Size", "Size is not a property of this resource. Did you mean size?"],
    ["owner_id", "owner_id is not a property of this resource. Did you mean ownerId?"],
    [
      "colour",
      `colour is not a property of this resource in pulumi-ona ${packageVersion}, the installed release. Its properties are ownerId, size, eager, mode`,
    ],
    [
      "__ofTomorrow",
      `__ofTomorrow is unknown to pulumi-ona ${packageVersion}, the installed release. If a component package brings a newer release, install that release here too`,
    ],
    ["phase", "phase is an output and cannot be set"],
  ])("is refused with a suggestion or a reason: %s", (property, reason) => {
    expect(reasons({ [property]: 1 })).toEqual([[property, reason]]);
  });

  test("is refused even if its value is unknown", () => {
    expect(reasons({ siez: unknown })).toHaveLength(1);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty", ""])(
    "is refused even if it is called %j",
    (property) => {
      const news = JSON.parse(`{"ownerId":"${ownerId}",${JSON.stringify(property)}:{"size":3}}`) as Record<
        string,
        unknown
      >;
      const { inputs, failures } = check(news);
      expect(failures.map((failure) => failure.property)).toEqual([property]);
      expect(Object.getPrototypeOf(inputs)).toBe(Object.prototype);
      expect(inputs["size"]).toBeUndefined();
    },
  );
});

/** Any value that the engine can send, and unknown. */
const anything = fc.oneof(fc.jsonValue(), fc.constant(unknown), fc.constant(undefined), fc.double(), fc.bigInt());
const names = fc.oneof(fc.constantFrom(...table.allNames, "__proto__"), fc.string());
const hostile = fc.dictionary(names, anything);

test("no inputs crash the check, and each failure has a property and a reason", () => {
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

test("checking checked inputs changes nothing", () => {
  fc.assert(
    fc.property(hostile, (news) => {
      const once = check(news);
      expect(check(once.inputs)).toEqual(once);
    }),
    { numRuns: 500 },
  );
});

test("the order of the properties does not matter", () => {
  fc.assert(
    fc.property(hostile, (news) => {
      const reversed = Object.fromEntries(Object.entries(news).reverse());
      expect(check(reversed).inputs).toEqual(check(news).inputs);
      expect(check(reversed).failures).toHaveLength(check(news).failures.length);
    }),
  );
});
