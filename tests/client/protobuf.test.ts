import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { readFields } from "../../src/client/protobuf";

const number = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 29 - 1 }));
const field = fc.oneof(
  fc.record({
    number,
    type: fc.constant("varint" as const),
    value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  }),
  fc.record({ number, type: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ number, type: fc.constant("fixed32" as const), value: fc.integer() }),
  fc.record({
    number,
    type: fc.constant("fixed64" as const),
    value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  }),
);
type Field = typeof field extends fc.Arbitrary<infer Value> ? Value : never;

function encode(fields: readonly Field[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const { number, type, value } of fields) {
    if (type === "varint") writer.tag(number, WireType.Varint).int64(value);
    if (type === "bytes") writer.tag(number, WireType.LengthDelimited).bytes(value);
    if (type === "fixed32") writer.tag(number, WireType.Bit32).sfixed32(value);
    if (type === "fixed64") writer.tag(number, WireType.Bit64).sfixed64(value);
  }
  return writer.finish();
}

test("reads the varint and length-delimited fields that the protobuf library writes", () => {
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const expected = new Map<number, unknown>();
      for (const { number, type, value } of fields) if (!type.startsWith("fixed")) expected.set(number, value);
      expect(readFields(encode(fields))).toEqual(expected);
    }),
  );
});

test("reads nothing of a message that ends within a field", () => {
  fc.assert(
    fc.property(field, fc.nat(), (one, cut) => {
      const message = encode([one]);
      expect(readFields(message.subarray(0, cut % message.length)).size).toBe(0);
    }),
  );
});

test("accepts any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      for (const value of readFields(bytes).values())
        if (value instanceof Uint8Array) expect(value.length).toBeLessThan(bytes.length);
    }),
    { numRuns: 2_000 },
  );
});

const varint = (bytes: number) => [...Array<number>(bytes - 1).fill(0xff), 0x7f];
test.each([
  ["a length of 2^64 - 1, which would step back", [0x08, 1, 0x12, ...Array<number>(9).fill(0xff), 1]],
  ["a varint of eleven bytes", [0x08, ...varint(11)]],
  ["a tag of eleven bytes", varint(11)],
  ["a group", [0x08, 1, 0x13, 0x14]],
  ["an unknown wire type", [0x08, 1, 0x16]],
  ["more than 64 KiB", Array.from({ length: 65_538 }, (_, index) => (index % 2 === 0 ? 0x08 : 1))],
  ["no byte", []],
])("reads nothing of a message with %s", (_what, bytes) => {
  expect(readFields(Uint8Array.from(bytes)).size).toBe(0);
});
