/** How many responses are kept. Enough for those after a lost request. */
const maxSeen = 32;

/** The server's time minus `clock.monotonic()`, in milliseconds: at least `from`, less than `to`. */
interface Ahead {
  readonly from: number;
  readonly to: number;
}

/** The server's time, by the `Date` headers of the API's own responses. They have whole seconds. */
export class ServerClock {
  #seen: (Ahead & { readonly sentAt: number })[] = [];

  /** Notes the `Date` header of a response, and the moments at which its request was sent and it came. */
  note(date: string | undefined, sentAt: number, receivedAt: number): void {
    const time = Date.parse(date ?? "");
    // Only the form that RFC 9110 prescribes, with a year of four digits: Date.parse also accepts "1", local times, the
    // wrong day of the week, and years that make a later moment invalid.
    if (Number.isNaN(time) || date?.length !== 29 || new Date(time).toUTCString() !== date) return;
    this.#seen = [...this.#seen.slice(1 - maxSeen), { sentAt, from: time - receivedAt, to: time + 1_000 - sentAt }];
  }

  /** The server's time at a moment of `clock.monotonic()`: milliseconds since 1970, early by less than the error. */
  at(moment: number): number | undefined {
    const ahead = this.#aheadAt(moment);
    return ahead === undefined ? undefined : moment + ahead.from;
  }

  /** How early {@link at} may be, in milliseconds. */
  errorAt(moment: number): number {
    const { from, to } = this.#aheadAt(moment) ?? { from: 0, to: 0 };
    return to - from;
  }

  /** By all responses since that moment together, since the clock ticks between two of them. */
  #aheadAt(moment: number): Ahead | undefined {
    const newest = this.#seen.at(-1);
    const since = this.#seen.filter(({ sentAt }) => sentAt >= moment);
    const from = Math.max(...since.map((each) => each.from));
    const to = Math.min(...since.map((each) => each.to));
    // If they contradict each other, a clock was set or another server responded.
    return from < to && since.length > 0 ? { from, to } : newest;
  }
}
