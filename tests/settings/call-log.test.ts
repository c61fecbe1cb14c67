/** The log of API calls that ONA_LOG turns on. */
import { createCallLog } from "../../src/settings/call-log.js";

/** The lines that are printed for an attempt. */
function lines(
  level: string | undefined,
  attempt = { rpc: "GetWarmPool", code: "ok", durationMs: 12.4, number: 1 } as const,
) {
  const printed: string[] = [];
  createCallLog({ ONA_LOG: level }, (line) => printed.push(line))?.(attempt);
  return printed;
}

test.each([undefined, "", " ", "off", "error", "warn", "info", "INFO"])("logs nothing with ONA_LOG=%j", (level) => {
  expect(lines(level)).toEqual([]);
});

test.each(["debug", "DEBUG", " debug "])("logs a line for each attempt with ONA_LOG=%j", (level) => {
  expect(lines(level)).toEqual(["debug: ona GetWarmPool: ok in 12 ms (attempt 1)"]);
});

test("logs the name of the connection", () => {
  const printed: string[] = [];
  const log = createCallLog({ ONA_LOG: "debug" }, (line) => printed.push(line), "eu\u001b[31m");
  log?.({ rpc: "GetWarmPool", code: "ok", durationMs: 1, number: 1 });
  expect(printed).toEqual(["debug: ona GetWarmPool over eu: ok in 1 ms (attempt 1)"]);
});

test("warns once about an unknown level, without its value, and lists the known ones", () => {
  const [line, ...more] = lines("verbose");
  expect(more).toEqual([]);
  expect(line).toMatch(/^warning: ONA_LOG is ignored.*debug, info, warn, error or off/);
  expect(line).not.toContain("verbose");
});

test.each([
  [{ code: "unavailable", origin: "api", httpStatus: 503 }, "unavailable (HTTP 503)"],
  [{ code: "unavailable", origin: "http", httpStatus: 502 }, "unavailable (not from the API, HTTP 502)"],
  [{ code: "unavailable", origin: "network" }, "unavailable (network)"],
  [{ code: "deadline_exceeded", origin: "timeout" }, "deadline_exceeded (timeout)"],
  [{ code: "internal", origin: "unreadable", httpStatus: 200 }, "internal (unreadable, HTTP 200)"],
] as const)("logs the code and the origin of a failed attempt: %j", (failure, said) => {
  const printed: string[] = [];
  const log = createCallLog({ ONA_LOG: "debug" }, (line) => printed.push(line));
  log?.({ rpc: "UpdateWarmPool", durationMs: 3, number: 2, ...failure });
  expect(printed).toEqual([`debug: ona UpdateWarmPool: ${said} in 3 ms (attempt 2)`]);
});
