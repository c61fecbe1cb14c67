/** The property table: what derives from the rows of both resources. */
import { bindState } from "../../src/lifecycle/state.js";
import { defineProperties } from "../../src/lifecycle/properties.js";
import { ResourceFailure } from "../../src/lifecycle/failures.js";
import { prebuildBinding } from "../../src/prebuild/binding.js";
import { warmPoolBinding } from "../../src/warm-pool/binding.js";
import { environmentClassId, poolId, projectId } from "../support/messages.js";

const table = defineProperties({
  ownerId: { type: "uuid", required: true, onChange: "replace", live: "api" },
  size: { type: { integer: [0, 9] }, onChange: "update", managed: true, live: "api" },
  note: { type: "string", onChange: "stateOnly", live: "state" },
  createdAt: { type: "timestamp", live: "api" },
  phase: { type: "string", live: "api", volatile: true, fallback: "" },
});

const { readInputs } = bindState(table);

test("the lists of names derive from the rows, in their order", () => {
  expect(table).toMatchObject({
    inputNames: ["ownerId", "size", "note"],
    outputNames: ["createdAt", "phase"],
    managedNames: ["size"],
    allNames: ["ownerId", "size", "note", "createdAt", "phase"],
    readOnlyNames: ["ownerId", "size", "createdAt", "connection"],
  });
});

test.each([[undefined], [null], [Symbol("unknown")], [7]])(
  "inputs with %p as a required id are refused by the id's name, not read as a string",
  (id) => {
    expect(() => readInputs({ ownerId: id })).toThrow(ResourceFailure);
    expect(() => readInputs({ ownerId: id })).toThrow(/^The inputs of this resource have no ownerId\. /);
  },
);

describe.each([
  ["warm pool", warmPoolBinding, { projectId }, "environmentClassId"],
  ["warm pool", warmPoolBinding, { environmentClassId }, "projectId"],
  ["prebuild", prebuildBinding, { environmentClassId }, "projectId"],
])("a %s", (_kind, resource, inputs, missing) => {
  const account = {
    clock: { now: Date.now, sleep: () => Promise.resolve() },
    process: {},
    client: () => Promise.resolve({}),
  };
  const reporter = { name: "web", progress: jest.fn(), note: jest.fn(), warn: jest.fn(), log: jest.fn() };

  test(`whose inputs lack ${missing} is neither created nor updated, and the error names it`, async () => {
    const lifecycle = await resource.lifecycle(account as never, reporter);
    const refused = `The inputs of this resource have no ${missing}.`;
    await expect(async () => lifecycle.create(inputs, {})).rejects.toThrow(refused);
    await expect(async () => lifecycle.update(poolId, {}, inputs, {})).rejects.toThrow(refused);
  });
});
