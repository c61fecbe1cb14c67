/** The way to one prebuild's log: the token that opens it, which is fetched when needed, renewed when it ran out and kept in memory alone. */
import { type OnaClient, OnaError } from "../../client/index.js";
import type { Clock } from "../../util/clock.js";

/** What the rooms of the log need around them. */
export interface LogContext {
  readonly client: Pick<OnaClient, "createPrebuildLogsToken" | "readPrebuildLog">;
  readonly clock: Clock;
}

/** A token lives for an hour; one that old is not tried any more, in milliseconds. */
const oldToken = 55 * 60_000;

/** Opens the log of one prebuild. */
export class LogAccess {
  readonly #context: LogContext;
  readonly #id: string;
  #token: { readonly text: string; readonly since: number } | undefined;
  /** Those that ran out, too: a log may still repeat them. */
  readonly #tokens = new Set<string>();

  constructor(context: LogContext, id: string) {
    this.#context = context;
    this.#id = id;
  }

  /**
   * What the log's address gives by one request; by two where the token turns out to have run out.
   * @throws OnaError
   */
  async *read(logUrl: string, signal: AbortSignal): AsyncGenerator<string, void, void> {
    for (;;) {
      const { text: token, isNew } = await this.#current(signal);
      try {
        return yield* this.#context.client.readPrebuildLog(logUrl, token, { signal });
      } catch (error) {
        if (!isRefused(error)) throw error;
        this.#token = undefined;
        if (isNew) throw error;
      }
    }
  }

  /** A text without any token that was used here. */
  hide(text: string): string {
    return [...this.#tokens].reduce((hidden, token) => hidden.replaceAll(token, "[token]"), text);
  }

  async #current(signal: AbortSignal): Promise<{ text: string; isNew: boolean }> {
    const { client, clock } = this.#context;
    if (this.#token !== undefined && clock.monotonic() - this.#token.since < oldToken) {
      return { text: this.#token.text, isNew: false };
    }
    const since = clock.monotonic();
    const text = await client.createPrebuildLogsToken(this.#id, { signal });
    this.#token = { text, since };
    this.#tokens.add(text);
    return { text, isNew: true };
  }
}

/** Whether the log's server does not take the token. */
function isRefused(error: unknown): boolean {
  return (
    error instanceof OnaError &&
    error.rpc === "PrebuildLogs" &&
    (error.code === "unauthenticated" || error.code === "permission_denied")
  );
}

/**
 * How long to wait before a log is tried again that could not be read, in milliseconds; undefined where that does not help.
 * @param own what we would wait; the server's word wins, up to 30 s
 */
export function logRetryDelay(error: unknown, own: number): number | undefined {
  if (!(error instanceof OnaError) || !mayPass(error)) return undefined;
  return error.retry.kind === "after" ? Math.min(Math.max(error.retry.milliseconds, own), 30_000) : own;
}

/** Whether the same reading may succeed later: the log's server is busy or away, or the log is not there yet or not there any more, on its way to the archive. */
function mayPass({ rpc, origin, code, httpStatus, retry }: OnaError): boolean {
  switch (origin) {
    case "network":
    case "timeout":
      return true;
    case "certificate":
    case "unreadable":
    case "redirect":
    case "cancelled":
      return false;
    case "http":
    case "api":
      if (code === "resource_exhausted") return retry.kind === "after";
      // The API itself says that there is no such prebuild, or that its log cannot be opened yet.
      if (rpc !== "PrebuildLogs" && origin === "api" && code === "not_found") return false;
      if (code === "failed_precondition") return true;
      return httpStatus !== undefined && (httpStatus >= 500 || [404, 408, 409, 425, 429].includes(httpStatus));
  }
}
