/** The log of API calls that the environment variable ONA_LOG asks for. */
import { sanitize } from "../util/text.js";
import type { Attempt, AttemptListener } from "../client/index.js";

/** The levels of the vendor's clients, which read the same variable; below debug this package has nothing to add to what it says anyway. */
const quietLevels: ReadonlySet<string> = new Set(["", "off", "error", "warn", "info"]);

/**
 * What listens to the attempts of a client, as ONA_LOG says.
 * @param print takes a line; one about a level that does not exist begins with `warning:`
 * @param connection the name of the client's connection
 * @returns undefined where nothing is to be logged
 */
export function callLog(
  env: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
  connection?: string,
): AttemptListener | undefined {
  const level = env["ONA_LOG"]?.trim().toLowerCase() ?? "";
  if (level === "debug") return (attempt) => print(describe(attempt, connection));
  if (!quietLevels.has(level)) {
    print(
      "warning: ONA_LOG is ignored, since it is none of debug, info, warn, error and off; debug shows each API call",
    );
  }
  return undefined;
}

/** `debug: ona GetWarmPool: unavailable (HTTP 503) in 12 ms (attempt 2)`, with the connection's name where it has one. */
function describe(
  { rpc, code, origin, httpStatus, milliseconds, number }: Attempt,
  connection: string | undefined,
): string {
  const over = connection === undefined ? "" : ` over ${sanitize(connection)}`;
  const status = httpStatus === undefined ? undefined : `HTTP ${httpStatus}`;
  const from = [origin === "api" ? undefined : origin === "http" ? "not from the API" : origin, status].filter(Boolean);
  const why = from.length === 0 ? "" : ` (${from.join(", ")})`;
  return `debug: ona ${rpc}${over}: ${code}${why} in ${Math.round(milliseconds)} ms (attempt ${number})`;
}
