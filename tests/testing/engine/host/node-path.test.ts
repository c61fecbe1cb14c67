/** Which Node.js runs the programs and providers of the test engine. */
import { findNode } from "../../../../src/testing/engine/host/node-path.js";

const never = () => {
  throw new Error("the PATH must not be searched");
};

test("uses the Node.js of this process", () => {
  expect(findNode({ node: "24.21.0" }, "/opt/node", never)).toBe("/opt/node");
});

test.each([{ bun: "1.4.5" }, { deno: "2.9.6" }])("uses the Node.js on the PATH under %j", (runtime) => {
  expect(findNode({ node: "24.3.0", ...runtime }, "/opt/other", () => ({ node: "22.19.0" }))).toBe("node");
});

test.each([
  ["an old Node.js", { node: "20.20.2" }, never, "got 20.20.2"],
  ["Bun with an old Node.js", { node: "24.3.0", bun: "1" }, () => ({ node: "20.20.2" }), "got 20.20.2"],
  [
    "Bun without Node.js",
    { node: "24.3.0", bun: "1" },
    () => undefined,
    "Bun can't run them, and there is none on the PATH",
  ],
  // `bun --bun` puts such a `node` on the PATH.
  ["Bun that poses as node", { node: "24.3.0", bun: "1" }, () => ({ node: "24.3.0", bun: "1" }), "Bun can't run them"],
])("refuses %s", (_, own, readPath, problem) => {
  expect(() => findNode(own, "/opt/other", readPath)).toThrow(
    `The test engine runs programs and providers with Node.js 22.19 or newer: ${problem}`,
  );
});
