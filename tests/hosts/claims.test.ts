/** Which objects the resources of a program have. */
import { Claims } from "../../src/hosts/claims";

const inputs = { projectId: "p", environmentClassId: "c", minSize: 1 };
const claims = () => new Claims(["projectId", "environmentClassId"]);

test("an object of a declared resource that stays is claimed", () => {
  const made = claims();
  made.declare(inputs);
  expect(made.has("id")).toBe(false);
  made.keep({ ...inputs, minSize: 2 }, "id");
  expect(made.has("id")).toBe(true);
  expect(made.has("other")).toBe(false);
});

test("what is only refreshed is not: no program has declared it", () => {
  const made = claims();
  made.keep(inputs, "id");
  expect(made.has("id")).toBe(false);
});

test("what is checked once more is going to be replaced", () => {
  const made = claims();
  made.declare(inputs);
  made.keep(inputs, "id");
  made.declare(inputs);
  expect(made.has("id")).toBe(false);
});

test("what cannot be told from others is never claimed, nor is what is not known yet", () => {
  const nameless = new Claims(undefined);
  nameless.declare(inputs);
  nameless.keep(inputs, "id");
  expect(nameless.has("id")).toBe(false);
  const made = claims();
  made.declare({ projectId: "p" });
  made.keep({ projectId: "p" }, "id");
  expect(made.has("id")).toBe(false);
});
