/** Triggers as Pulumi serializes them: no value is lost without an error. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { serializeTriggers } from "../../src/prebuild/serialize-triggers.js";

const serialize = (value: unknown) => serializeTriggers("build", value);
const moment = new Date("2026-11-25T08:00:00Z");
const sha256 = (bytes: string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

test.each([
  ["a string", "a"],
  ["a number", 1.5],
  ["nothing", undefined],
  ["null", null],
  ["a list", ["a", 1, null, [true]]],
  ["an object", { a: { b: [] }, c: {} }],
  ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 })],
  ["the same thing twice", [moment.toJSON(), moment.toJSON()]],
])("serializes %s unchanged", (_what, value) => {
  expect(serialize(value)).toEqual(value);
});

test.each([
  ["a Date", moment, "2026-11-25T08:00:00.000Z"],
  ["a Date in a list in an object", { at: [moment] }, { at: ["2026-11-25T08:00:00.000Z"] }],
  ["a URL", new URL("https://example.com/a"), "https://example.com/a"],
  ["an object whose toJSON returns a Date", { toJSON: () => ({ at: moment }) }, { at: "2026-11-25T08:00:00.000Z" }],
  ["a bigint", [9007199254740993n], ["9007199254740993"]],
  ["a Buffer", { lock: Buffer.from("abc") }, { lock: sha256("abc") }],
  ["a part of a byte array", new Uint8Array(Buffer.from("abcd")).subarray(1, 3), sha256("bc")],
  ["an ArrayBuffer", new Uint8Array([97]).buffer, sha256("a")],
  [
    "an instance with properties",
    new (class Lock {
      readonly version = 3;
    })(),
    { version: 3 },
  ],
])("serializes %s so that a change is a difference", (_what, value, expected) => {
  expect(serialize(value)).toEqual(expected);
});

test.each([
  ["a Map", { seen: new Map([["a", 1]]) }, /^build: triggers\.seen is an instance of Map, which Pulumi cannot store/],
  ["a Set", [new Set([1])], /^build: triggers\[0\] is an instance of Set/],
  ["a regular expression", /a/, /^build: triggers is an instance of RegExp/],
  ["an Error", { a: [1, new Error("no")] }, /^build: triggers\.a\[1\] is an instance of Error/],
  [
    "an instance without enumerable properties",
    new (class Hidden {
      readonly #a = 1;
      get a() {
        return this.#a;
      }
    })(),
    /is an instance of Hidden/,
  ],
  ["a function", [() => 1], /^build: triggers\[0\] is a function/],
  ["a symbol", Symbol("a"), /^build: triggers is a symbol/],
  ["NaN", { size: NaN }, /^build: triggers\.size is NaN, which Pulumi cannot store/],
  ["Infinity", [-Infinity], /^build: triggers\[0\] is -Infinity/],
  ["an invalid Date", [new Date("x")], /^build: triggers\[0\] is an invalid Date/],
])("refuses %s and names its place", (_what, value, message) => {
  expect(() => serialize(value)).toThrow(pulumi.RunError);
  expect(() => serialize(value)).toThrow(message);
});

test("refuses an object that contains itself, but not one that occurs twice", () => {
  const around: Record<string, unknown> = { b: 1 };
  around["self"] = [around];
  expect(() => serialize(around)).toThrow("build: triggers.self[0] contains itself");
  const twice = { a: 1 };
  expect(serialize([twice, { twice }])).toEqual([{ a: 1 }, { twice: { a: 1 } }]);
});

test.each([
  ["assets", new pulumi.asset.StringAsset("a")],
  ["archives", new pulumi.asset.FileArchive("b")],
  // What `Resource.isInstance` looks for: a real one needs an engine.
  ["resources", { __pulumiResource: true, ref: new Map() }],
  ["unknown values", pulumi.unknown],
])("leaves %s to Pulumi", (_what, value) => {
  const [serialized] = serialize([value]) as unknown[];
  expect(serialized).toBe(value);
});

test("serializes the values of outputs and promises, and keeps them secret", async () => {
  const { at, later } = serialize({
    at: pulumi.secret("").apply(() => ({ moment })),
    later: Promise.resolve([moment]),
  }) as { at: pulumi.Output<unknown>; later: Promise<unknown> };
  await expect(new Promise((resolve) => at.apply(resolve))).resolves.toEqual({ moment: moment.toJSON() });
  await expect(pulumi.isSecret(at)).resolves.toBe(true);
  await expect(later).resolves.toEqual([moment.toJSON()]);
});
