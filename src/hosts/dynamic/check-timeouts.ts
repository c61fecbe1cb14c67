import { isUnknown } from "../../lifecycle/unknown.js";
import { type CheckFailure, formatValue } from "../../lifecycle/validation.js";
import { parseGoDuration } from "../../util/duration.js";
import { sanitize } from "../../util/text.js";

/** What is wrong with the option `customTimeouts`. */
export function checkTimeouts(timeouts: object): CheckFailure[] {
  return Object.entries(timeouts).flatMap(([operation, value]: [string, unknown]): CheckFailure[] => {
    const milliseconds = typeof value === "string" ? parseGoDuration(value) : undefined;
    if (isUnknown(value) || (milliseconds !== undefined && milliseconds > 0)) return [];
    const property = sanitize(`customTimeouts.${operation}`);
    const must = 'must be a positive duration such as "90s" or "1h30m"';
    return [{ property, reason: `${property} ${must}, got ${formatValue(value)}` }];
  });
}
