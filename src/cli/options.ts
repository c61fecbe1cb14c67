/** Options that several commands have, and parsers of option values. */
import { InvalidArgumentError, Option } from "commander";
import { connectionName } from "../lifecycle/validation.js";
import { parseGoDuration } from "../util/duration.js";

export function connectionOption(): Option {
  return new Option(
    "--connection <name>",
    "use the account of this connection (ONA_<NAME>_API_KEY, ONA_<NAME>_BASE_URL)",
  ).argParser(parseConnection);
}

export function idsOption(description = "show the ids of projects and environment classes, not their names"): Option {
  return new Option("--ids", description);
}

export function parseConnection(text: string): string {
  if ("refused" in connectionName(text)) throw new InvalidArgumentError("Must be the name of a connection.");
  return text;
}

const anyDuration = { minMs: 0, maxMs: Infinity, hint: "Must be a duration such as 90s, 30m or 1h30m." };

/** An option for a duration, whose value is in milliseconds. */
export function durationOption(flags: string, description: string, preset: string, limits = anyDuration): Option {
  const parse = (text: string) => {
    const durationMs = parseGoDuration(text);
    if (durationMs !== undefined && durationMs >= limits.minMs && durationMs <= limits.maxMs) return durationMs;
    throw new InvalidArgumentError(limits.hint);
  };
  return new Option(flags, description).argParser(parse).default(parse(preset), preset);
}

/** A parser for an option that can be repeated, which collects its values. */
export function parseEach<T>(parse: (text: string) => T): (text: string, previous?: readonly T[]) => T[] {
  return (text, previous = []) => [...previous, parse(text)];
}
