/** What failures say. */
import { messageOf } from "../../src/lifecycle/failures.js";
import { wrapUnchanged } from "../../src/lifecycle/messages.js";

test("a failure without a message is not called undefined", () => {
  const thrown = [undefined, null, {}, new Error("")];
  expect(thrown.map(messageOf)).toEqual(thrown.map(() => "an unknown error"));
});

test("only errors of the API are wrapped, so that a defect keeps its message and stack", () => {
  const defect = new TypeError("x is not a function");
  expect(wrapUnchanged(defect, "warm pool", "p", "read")).toBe(defect);
});
