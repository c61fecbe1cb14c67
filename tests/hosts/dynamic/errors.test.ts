/** Errors as the dynamic host wants them: one line for people, and what the engine is to keep. */
import { OnaError } from "../../../src/client/index.js";
import { ConfigError } from "../../../src/settings/settings.js";
import { hostError } from "../../../src/hosts/dynamic/errors.js";
import { PartialFailure, ResourceFailure } from "../../../src/lifecycle/failures.js";

const apiError = new OnaError({ rpc: "GetWarmPool", code: "internal", origin: "api", detail: "x" });
const isApiError = (error: Error) => error instanceof OnaError;

test.each([
  ["a failure of the resource", new ResourceFailure("the pool is gone")],
  ["bad configuration", new ConfigError("ona:baseUrl is not a URL")],
  ["an error of the API", apiError],
])("%s shows its message once, without a stack", (_what, error) => {
  const shown = hostError(error, isApiError);
  // As the host prints it.
  expect(`${String(shown)}: ${shown.stack}`).toBe(`pulumi-ona: ${error.message}`);
  expect(shown.message).toBe(error.message);
  expect(shown).not.toHaveProperty("id");
});

test("what a server says is shown as it is, though it may look like the engine's own marks of colour", () => {
  const shown = hostError(new PartialFailure("id-1", {}, "it FAILED: <{%fg 1%}>no<{%reset%}>"), isApiError);
  const said = "it FAILED: <{ %fg 1%}>no<{ %reset%}>";
  expect(shown).toMatchObject({ message: said, stack: said, reasons: [said] });
});

test("an error that nobody expects keeps its stack, for whoever mends it", () => {
  const bug = new TypeError("x is not a function");
  expect(hostError(bug, isApiError)).toBe(bug);
});

test("what is no error becomes one", () => {
  expect(hostError("odd", isApiError)).toEqual(new Error("odd"));
  expect(hostError(undefined, isApiError)).toBeInstanceOf(Error);
});

test("a partial failure carries id, properties and reasons: the engine keeps the first two", () => {
  const state = { phase: "DEGRADED", __unfinished: true };
  const shown = hostError(new PartialFailure("id-1", state, "it is DEGRADED"), isApiError);
  expect(shown).toBeInstanceOf(Error);
  expect(shown).toMatchObject({ id: "id-1", properties: state, reasons: ["it is DEGRADED"] });
  expect(`${String(shown)}: ${shown.stack}`).toBe("pulumi-ona: it is DEGRADED");
});

test("nothing of an API's error but its message goes on: no request, no header", () => {
  expect(Object.keys(hostError(apiError, isApiError)).sort()).toEqual(["toString"]);
});
