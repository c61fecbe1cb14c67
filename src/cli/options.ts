/** Options that several commands have, and parsers of option values. */
import { InvalidArgumentError, Option } from "commander";
import { connectionName } from "../lifecycle/validation.js";
import { parseGoDuration } from "../util/duration.js";

/** The option `--connection`. */
export function connectionOption(): Option {
  return new Option(
    "--connection <name>",
    "use the account of this connection (ONA_<NAME>_API_KEY, ONA_<NAME>_BASE_URL)",
  ).argParser(parseConnection);
}

/** A connection's name. */
export function parseConnection(text: string): string {
  if ("refused" in connectionName(text)) throw new InvalidArgumentError("Must be the name of a connection.");
  return text;
}

/**
 * A parser for durations, in milliseconds.
 * @param hint what the value must be, for the error
 */
export function parseDurationBetween(minMs: number, maxMs: number, hint: string): (text: string) => number {
  return (text) => {
    const durationMs = parseGoDuration(text);
    if (durationMs !== undefined && durationMs >= minMs && durationMs <= maxMs) return durationMs;
    throw new InvalidArgumentError(hint);
  };
}

/** A parser for an option that can be repeated, which collects its values. */
export function parseEach<T>(parse: (text: string) => T): (text: string, previous?: readonly T[]) => T[] {
  return (text, previous = []) => [...previous, parse(text)];
}
