import { OnaError } from "../../../src/client/index.js";
import { ConfigError } from "../../../src/settings/settings.js";
import { hostError } from "../../../src/hosts/dynamic/errors.js";
import { PartialFailure, ResourceFailure } from "../../../src/lifecycle/failures.js";

const apiError = new OnaError({ rpc: "GetWarmPool", code: "internal", origin: "api", detail: "x" });

test.each([
  ["a failure of the resource", new ResourceFailure("the pool is gone")],
  ["a configuration error", new ConfigError("ona:baseUrl is not a URL")],
  ["an API error", apiError],
])("the dynamic host prints the message of %s once and no stack", (_what, error) => {
  const shown = hostError(error);
  // As the host prints it.
  expect(`${String(shown)}: ${shown.stack}`).toBe(`pulumi-ona: ${error.message}`);
  expect(shown.message).toBe(error.message);
  expect(shown).not.toHaveProperty("id");
});

test("text from the server that looks like the engine's color marks is shown as text", () => {
  const shown = hostError(new PartialFailure("id-1", {}, "it FAILED: <{%fg 1%}>no<{%reset%}>"));
  const said = "it FAILED: <{ %fg 1%}>no<{ %reset%}>";
  expect(shown).toMatchObject({ message: said, stack: said, reasons: [said] });
});

test("an unexpected error keeps its stack", () => {
  const bug = new TypeError("x is not a function");
  expect(hostError(bug)).toBe(bug);
});

test("a thrown value that is no error becomes an error", () => {
  expect(hostError("odd")).toEqual(new Error("odd"));
  expect(hostError(undefined)).toBeInstanceOf(Error);
});

test("a partial failure carries the id and properties for the engine to keep, and the reason", () => {
  const state = { phase: "DEGRADED", __unfinished: true };
  const shown = hostError(new PartialFailure("id-1", state, "it is DEGRADED"));
  expect(shown).toBeInstanceOf(Error);
  expect(shown).toMatchObject({ id: "id-1", properties: state, reasons: ["it is DEGRADED"] });
  expect(`${String(shown)}: ${shown.stack}`).toBe("pulumi-ona: it is DEGRADED");
});

test("only the message of an API error is passed on, no request and no header", () => {
  expect(Object.keys(hostError(apiError)).sort()).toEqual(["toString"]);
});
