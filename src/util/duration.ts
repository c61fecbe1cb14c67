/** Durations as users write and read them. */

// One amount with its unit, as Go spells it.
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;
const whole = new RegExp(`^(?:${part.source})+$`);
const parts = new RegExp(part, "g");

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  // The Greek letter looks like the micro sign. Go accepts both.
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Parses a Go duration such as `"90s"`, `"1h30m"` or `"1.5h"`, as in Pulumi's customTimeouts.
 * @returns milliseconds. Undefined for anything else, including negative durations
 */
export function parseGoDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (!whole.test(trimmed)) return undefined;
  return sumAmounts([...trimmed.matchAll(parts)]);
}

/** Adds amounts with their units. A unit may be a word: its first letter says which one. */
function sumAmounts(amounts: readonly RegExpExecArray[]): number {
  const milliseconds = amounts.map(([, amount = "", unit = ""]) => {
    return (
      Number(amount.replace(",", ".")) *
      (unitMilliseconds[unit] ?? unitMilliseconds[unit.charAt(0).toLowerCase()] ?? NaN)
    );
  });
  return milliseconds.reduce((sum, each) => sum + each);
}

/** Formats a duration, to the second: `"45s"`, `"2m5s"`, `"1h30m"`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return [h > 0 ? `${h}h` : "", m > 0 ? `${m}m` : "", s > 0 ? `${s}s` : ""].join("") || "0s";
}

/** No duration is longer, and patterns take long on long strings. */
const maxLength = 100;

// One amount with its unit, in words or short.
const humanPart = /(\d+(?:\.\d*)?|\.\d+)\s*(h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)(?![a-z])/gi;

// A duration of ISO 8601. Only the last amount may have a fraction, with a point or a comma.
const iso = /^PT(?=\d)(?:\d+(?:[.,]\d+(?=H$))?H)?(?:\d+(?:[.,]\d+(?=M$))?M)?(?:\d+(?:[.,]\d+)?S)?$/i;

/**
 * Parses a duration as users write it: seconds (`2700`, `"2700"`), Go (`"1h30m"`), words (`"1 hour 30 minutes"`) or ISO
 * 8601 (`"PT1H30M"`).
 * @returns milliseconds. Undefined for anything else
 */
export function parseHumanDuration(value: string | number): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value * 1_000 : undefined;
  const text = value.trim();
  if (text.length > maxLength) return undefined;
  if (/^(?:\d+(?:\.\d*)?|\.\d+)$/.test(text)) return Number(text) * 1_000;
  const go = parseGoDuration(text);
  if (go !== undefined) return go;
  if (iso.test(text)) return sumAmounts([...text.matchAll(/([\d.,]+)([HMS])/gi)]);
  const amounts = [...text.matchAll(humanPart)];
  // Between the amounts there may only be separators.
  if (amounts.length === 0 || !/^(?:[\s,]|and)*$/i.test(text.replaceAll(humanPart, ""))) return undefined;
  return sumAmounts(amounts);
}

/** The longest protobuf Duration: about 10,000 years. */
const maxDurationMs = 315_576_000_000_000;

/** A protobuf Duration (`"2700s"`) as users write it. */
export function durationText(duration: string | undefined): string | undefined {
  const milliseconds = duration === undefined ? undefined : parseGoDuration(duration);
  return milliseconds === undefined || milliseconds > maxDurationMs ? undefined : formatDuration(milliseconds);
}
