/** Reads the log of one prebuild. Its token is fetched when needed, renewed when it expires, and never stored. */
import { type OnaClient, OnaError } from "../../client/index.js";
import type { Clock } from "../../util/clock.js";

export interface LogContext {
  readonly client: Pick<OnaClient, "createPrebuildLogsToken" | "readPrebuildLog" | "hideSecrets">;
  readonly clock: Clock;
}

/** A token is valid for an hour. An older one than this is renewed before use. */
const maxTokenAgeMs = 55 * 60_000;

export class LogAccess {
  readonly #context: LogContext;
  readonly #id: string;
  #token: { readonly text: string; readonly since: number } | undefined;

  constructor(context: LogContext, id: string) {
    this.#context = context;
    this.#id = id;
  }

  /** Reads the log with one request, or two if the token has expired. Throws OnaError. */
  async *read(logUrl: string, signal: AbortSignal): AsyncGenerator<string, void, void> {
    for (;;) {
      const { text: token, isNew } = await this.#current(signal);
      try {
        return yield* this.#context.client.readPrebuildLog(logUrl, token, { signal });
      } catch (error) {
        const isLogError = error instanceof OnaError && error.rpc === "PrebuildLogs";
        if (!isLogError || !["unauthenticated", "permission_denied"].includes(error.code)) throw error;
        this.#token = undefined;
        if (isNew) throw error;
      }
    }
  }

  async #current(signal: AbortSignal): Promise<{ text: string; isNew: boolean }> {
    const { client, clock } = this.#context;
    if (this.#token !== undefined && clock.monotonic() - this.#token.since < maxTokenAgeMs) {
      return { text: this.#token.text, isNew: false };
    }
    const since = clock.monotonic();
    const text = await client.createPrebuildLogsToken(this.#id, { signal });
    this.#token = { text, since };
    return { text, isNew: true };
  }
}

/** The longest delay that the server may ask for. */
const maxRetryDelayMs = 30_000;

/**
 * The milliseconds before a log is read again: `delayMs`, or what the server asks for. Undefined if that can't help.
 */
export function logRetryDelay(error: unknown, delayMs: number): number | undefined {
  if (!(error instanceof OnaError) || !isTemporary(error)) return undefined;
  const asked = error.retry.kind === "after" ? error.retry.milliseconds : 0;
  return Math.max(delayMs, Math.min(asked, maxRetryDelayMs));
}

/** Whether the log may be readable later: the server is busy, or the log doesn't exist yet or moves to the archive. */
function isTemporary({ rpc, origin, code, httpStatus, retry }: OnaError): boolean {
  if (origin === "network" || origin === "timeout") return true;
  if (origin !== "http" && origin !== "api") return false;
  if (code === "resource_exhausted") return retry.kind === "after";
  // The API itself reports that the prebuild doesn't exist.
  if (rpc !== "PrebuildLogs" && origin === "api" && code === "not_found") return false;
  if (code === "failed_precondition") return true;
  return httpStatus !== undefined && (httpStatus >= 500 || [404, 408, 409, 425, 429].includes(httpStatus));
}
