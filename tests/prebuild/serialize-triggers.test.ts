/** What a program gives as triggers: nothing of it is lost in silence. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { keptTriggers } from "../../src/prebuild/serialize-triggers.js";

const kept = (value: unknown) => keptTriggers("build", value);
const moment = new Date("2026-11-25T08:00:00Z");
const sha256 = (bytes: string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

test.each([
  ["text", "a"],
  ["a number", 1.5],
  ["nothing", undefined],
  ["null", null],
  ["a list", ["a", 1, null, [true]]],
  ["an object", { a: { b: [] }, c: {} }],
  ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 })],
  ["the same thing twice", [moment.toJSON(), moment.toJSON()]],
])("%s stays as it is", (_what, value) => {
  expect(kept(value)).toEqual(value);
});

test.each([
  ["a Date", moment, "2026-11-25T08:00:00.000Z"],
  ["a Date in a list in an object", { at: [moment] }, { at: ["2026-11-25T08:00:00.000Z"] }],
  ["a URL", new URL("https://example.com/a"), "https://example.com/a"],
  ["what toJSON makes an object with a Date", { toJSON: () => ({ at: moment }) }, { at: "2026-11-25T08:00:00.000Z" }],
  ["a bigint", [9007199254740993n], ["9007199254740993"]],
  ["a Buffer", { lock: Buffer.from("abc") }, { lock: sha256("abc") }],
  ["a part of an array of bytes", new Uint8Array(Buffer.from("abcd")).subarray(1, 3), sha256("bc")],
  ["an ArrayBuffer", new Uint8Array([97]).buffer, sha256("a")],
  [
    "an instance with properties",
    new (class Lock {
      readonly version = 3;
    })(),
    { version: 3 },
  ],
])("%s is kept so that its change shows", (_what, value, expected) => {
  expect(kept(value)).toEqual(expected);
});

test.each([
  ["a Map", { seen: new Map([["a", 1]]) }, /^build: triggers\.seen is an instance of Map, which Pulumi cannot store/],
  ["a Set", [new Set([1])], /^build: triggers\[0\] is an instance of Set/],
  ["a regular expression", /a/, /^build: triggers is an instance of RegExp/],
  ["an Error", { a: [1, new Error("no")] }, /^build: triggers\.a\[1\] is an instance of Error/],
  [
    "an instance that shows nothing",
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
  ["a Date that is none", [new Date("x")], /^build: triggers\[0\] is an invalid Date/],
])("%s is refused by its place", (_what, value, message) => {
  expect(() => kept(value)).toThrow(pulumi.RunError);
  expect(() => kept(value)).toThrow(message);
});

test("what contains itself is refused, and what is there twice is not", () => {
  const around: Record<string, unknown> = { b: 1 };
  around["self"] = [around];
  expect(() => kept(around)).toThrow("build: triggers.self[0] contains itself");
  const twice = { a: 1 };
  expect(kept([twice, { twice }])).toEqual([{ a: 1 }, { twice: { a: 1 } }]);
});

test("assets are left to Pulumi", () => {
  const assets = [new pulumi.asset.StringAsset("a"), new pulumi.asset.FileArchive("b")];
  expect(kept(assets)).toEqual(assets);
});

test("outputs and promises are looked into when they are known, and stay secret", async () => {
  const { at, later } = kept({
    at: pulumi.secret("").apply(() => ({ moment })),
    later: Promise.resolve([moment]),
  }) as { at: pulumi.Output<unknown>; later: Promise<unknown> };
  await expect(new Promise((resolve) => at.apply(resolve))).resolves.toEqual({ moment: moment.toJSON() });
  await expect(pulumi.isSecret(at)).resolves.toBe(true);
  await expect(later).resolves.toEqual([moment.toJSON()]);
});
