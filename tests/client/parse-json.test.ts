/** JSON with integers that JavaScript's numbers cannot hold. */
import fc from "fast-check";
import { parseJson } from "../../src/client/schemas.js";

test.each([
  ['{"n":9007199254740993}', { n: "9007199254740993" }],
  ["[-18446744073709551615,1]", ["-18446744073709551615", 1]],
  ['["12345678901234567"]', ["12345678901234567"]],
  [String.raw`["a \" 12345678901234567","\\",12345678901234567]`, ['a " 12345678901234567', "\\", "12345678901234567"]],
  ["[0.12345678901234567]", [0.12345678901234567]],
  ["[12345678901234567.5,1.2345678901234567e10]", [12345678901234567.5, 12345678901.234567]],
  ["[1e400,-12345678901234567e3]", [Infinity, -12345678901234567e3]],
])("reads %s", (text, value) => {
  expect(parseJson(text)).toEqual(value);
});

test("reads everything else as JSON.parse does", () => {
  const long = fc.constantFrom("12345678901234567", '"', "\\", '\\"', "1234567890123456.5", "{", ",");
  const text = fc.oneof(
    fc.string(),
    fc.array(long).map((parts) => parts.join("")),
  );
  const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(fc.oneof(text, numbers)), (value, others) => {
      const json = JSON.stringify([value, ...others, "1234567890123456"]);
      expect(parseJson(json)).toEqual(reviveLong(JSON.parse(json)));
    }),
    { seed: 1 },
  );
});

/** Integers without an exponent and of 16 digits or more, as strings. */
function reviveLong(value: unknown): unknown {
  if (typeof value === "number") return /^-?\d{16,}$/.test(JSON.stringify(value)) ? JSON.stringify(value) : value;
  if (Array.isArray(value)) return value.map(reviveLong);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, reviveLong(part)]));
}

test("refuses a long string that does not end at once", () => {
  // It took hours.
  expect(() => parseJson(`[1234567890123456,"${'\\"'.repeat(2_000_000)}`)).toThrow(SyntaxError);
});

test.each(["", "[1", "[12345678901234567", '["12345678901234567]', "[1234567890123456.]"])("refuses %j", (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});
