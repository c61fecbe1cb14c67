/** What failures say. */
import { messageOf } from "../../src/lifecycle/failures.js";

test("a failure without a message is not called undefined", () => {
  const thrown = [undefined, null, {}, new Error("")];
  expect(thrown.map(messageOf)).toEqual(thrown.map(() => "an unknown error"));
});
