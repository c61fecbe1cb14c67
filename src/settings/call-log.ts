/** The log of API calls that the environment variable ONA_LOG turns on. */
import type { Attempt, AttemptListener } from "../client/index.js";
import { sanitize } from "../util/text.js";

/** The levels of the vendor's clients, which read the same variable. Below debug there is nothing to log. */
const quietLevels: ReadonlySet<string> = new Set(["", "off", "error", "warn", "info"]);

/** The listener that logs each attempt of a client. Undefined if ONA_LOG is not `debug`. */
export function createCallLog(
  env: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
  connection?: string,
): AttemptListener | undefined {
  const level = env["ONA_LOG"]?.trim().toLowerCase() ?? "";
  if (level === "debug") return (attempt) => print(describeAttempt(attempt, connection));
  if (!quietLevels.has(level))
    print("warning: ONA_LOG is ignored: set it to debug, info, warn, error or off. debug logs each API call");
  return undefined;
}

/** `debug: ona GetWarmPool over eu: unavailable (not from the API, HTTP 503) in 12 ms (attempt 2)` */
function describeAttempt(
  { rpc, code, origin, httpStatus, durationMs, number }: Attempt,
  connection: string | undefined,
): string {
  const over = connection === undefined ? "" : ` over ${sanitize(connection)}`;
  const source = origin === "api" ? undefined : origin === "http" ? "not from the API" : origin;
  const reasons = [source, httpStatus && `HTTP ${httpStatus}`].filter(Boolean).join(", ");
  const why = reasons === "" ? "" : ` (${reasons})`;
  return `debug: ona ${rpc}${over}: ${code}${why} in ${Math.round(durationMs)} ms (attempt ${number})`;
}
