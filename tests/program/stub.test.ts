/** The text that stands in people's state, for ever. */
import { runInNewContext } from "node:vm";
import { stubText } from "../../src/program/stub.js";

test("the provider's text is the same in every release: state holds it, and any other text would be a change of every resource", () => {
  expect(stubText("warmPool")).toBe('exports.handler = () => require("pulumi-ona/provider").warmPool;');
  expect(stubText("prebuild")).toBe('exports.handler = () => require("pulumi-ona/provider").prebuild;');
});

test("it takes less than 100 bytes", () => {
  expect(Buffer.byteLength(stubText("warmPool"))).toBeLessThan(100);
});

test("it gives the provider object that the package exports under the name, and captures nothing", () => {
  const asked: string[] = [];
  const provider = {};
  const exports: { handler?: () => unknown } = {};
  runInNewContext(stubText("warmPool"), {
    exports,
    require: (name: string) => {
      asked.push(name);
      return { warmPool: provider };
    },
  });
  expect(asked).toEqual([]);
  expect(exports.handler?.()).toBe(provider);
  expect(asked).toEqual(["pulumi-ona/provider"]);
});
