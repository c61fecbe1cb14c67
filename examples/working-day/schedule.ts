// Determines the part of the week in a time zone.

/** Working hours, from Monday to Friday. */
export interface Hours {
  /** An IANA name, such as `Europe/Berlin`, so that daylight saving time is handled. */
  readonly timeZone: string;
  /** Start of the working day in local time, as `HH:MM`. */
  readonly from: string;
  /** End of the working day in local time, as `HH:MM`: later than `from`, exclusive. */
  readonly to: string;
}

/** A part of the week. The weekend is Saturday and Sunday, from midnight to midnight. */
export type Part = "day" | "night" | "weekend";

/**
 * Returns the part of the week at the given time.
 * @throws RangeError if the hours are malformed or the time zone does not exist
 */
export function partOfWeek(at: Date, { timeZone, from, to }: Hours): Part {
  const time = /^([01]\d|2[0-3]):[0-5]\d$/;
  if (!time.test(from) || !time.test(to) || from >= to) {
    throw new RangeError(`Working hours must go from HH:MM to a later HH:MM. Got ${from} to ${to}.`);
  }
  // Intl converts this one moment to local time, so daylight saving time needs no special case.
  const format = { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const parts = new Intl.DateTimeFormat("en-GB", format).formatToParts(at);
  const part = (wanted: Intl.DateTimeFormatPartTypes) => parts.find(({ type }) => type === wanted)?.value ?? "";
  if (["Sat", "Sun"].includes(part("weekday"))) return "weekend";
  const now = `${part("hour")}:${part("minute")}`;
  return from <= now && now < to ? "day" : "night";
}
