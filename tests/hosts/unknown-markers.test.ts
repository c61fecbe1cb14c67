import fc from "fast-check";
import { decodeUnknowns, encodeUnknowns } from "../../src/hosts/unknown-markers.js";
import { isUnknown, unknown } from "../../src/lifecycle/unknown.js";

// UnknownStringValue of Pulumi's wire protocol; the engine replaces it by other words in what it shows and records.
const marker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("decodes the marker at any depth, and nothing else", () => {
  expect(decodeUnknowns({ a: marker, b: [marker, 1], c: { d: { e: marker } }, f: `${marker}x`, g: null })).toEqual({
    a: unknown,
    b: [unknown, 1],
    c: { d: { e: unknown } },
    f: `${marker}x`,
    g: null,
  });
});

test("encodes unknown values at any depth", () => {
  expect(encodeUnknowns({ a: unknown, b: [{ c: unknown }], d: 1 })).toEqual({ a: marker, b: [{ c: marker }], d: 1 });
});

test("only our symbol is an unknown value", () => {
  expect([unknown, "unknown", marker, undefined, null, Symbol("unknown")].map(isUnknown)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("decoding reverses encoding for any property names and values", () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constant(unknown),
      fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown), // JSON has no -0
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), tie("tree"), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), tree), (properties) => {
      const there = encodeUnknowns(properties);
      expect(JSON.parse(JSON.stringify(there))).toEqual(there);
      expect(decodeUnknowns(there)).toEqual({ ...properties });
    }),
  );
});
