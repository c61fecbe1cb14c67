// Which part of the week it is for people in a time zone.

/** Working hours, from Monday to Friday. */
export interface Hours {
  /** A name of the IANA database, such as `Europe/Berlin`, so that summer time is right. */
  readonly timeZone: string;
  /** When the day begins there, as `HH:MM`. */
  readonly from: string;
  /** When it ends, as `HH:MM`: later than `from`, and no longer part of the day. */
  readonly to: string;
}

/** A part of the week. Saturday and Sunday are the weekend, from midnight to midnight. */
export type Part = "day" | "night" | "weekend";

/**
 * The part of the week at a moment.
 * @throws RangeError when the hours are malformed, or there is no such time zone
 */
export function partOfWeek(at: Date, { timeZone, from, to }: Hours): Part {
  const time = /^([01]\d|2[0-3]):[0-5]\d$/;
  if (!time.test(from) || !time.test(to) || from >= to) {
    throw new RangeError(`Working hours must be HH:MM to a later HH:MM, but are ${from} to ${to}`);
  }
  // Asked for the local time of this one moment, Intl does all that changes of summer time need.
  const format = { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const parts = new Intl.DateTimeFormat("en-GB", format).formatToParts(at);
  const part = (wanted: Intl.DateTimeFormatPartTypes) => parts.find(({ type }) => type === wanted)?.value ?? "";
  if (["Sat", "Sun"].includes(part("weekday"))) return "weekend";
  const now = `${part("hour")}:${part("minute")}`;
  return from <= now && now < to ? "day" : "night";
}
