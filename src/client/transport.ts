/** One request to the Ona API and its response: Connect unary with the JSON codec, without retries. */
import { setImmediate } from "node:timers/promises";
import { errorResponse, notJson } from "./error-response.js";
import { type HttpClient, readBody } from "./http.js";
import type { Rpc } from "./schemas.js";

/** Sends single requests and remembers the server's time. */
export class Transport {
  readonly #http: HttpClient;
  readonly #baseUrl: string;
  readonly #token: () => string;
  #serverAheadMs: number | undefined;

  /** @param token returns the token when a call is made; it is not kept */
  constructor(http: HttpClient, baseUrl: string, token: () => string) {
    this.#http = http;
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  /**
   * Returns the server's time at a moment, by the newest `Date` header.
   * @param moment milliseconds of `clock.monotonic()`
   * @returns milliseconds since 1970. Up to a second (and the response's way) early, never late. Undefined before the
   * first response
   */
  serverTimeAt(moment: number): number | undefined {
    return this.#serverAheadMs === undefined ? undefined : moment + this.#serverAheadMs;
  }

  /**
   * Sends one request and returns the parsed body.
   * @throws OnaError whatever goes wrong
   */
  async send(rpc: Rpc, message: object, signal: AbortSignal | undefined): Promise<unknown> {
    const token = this.#token();
    const callPath = `/gitpod.v1.PrebuildService/${rpc}`;
    const url = `${this.#baseUrl}${callPath}`;
    const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
    const request = { rpc, method: "POST", url, token, headers, body: JSON.stringify(message), callPath } as const;
    return this.#http.withTimeout(rpc, signal, async (stop) => {
      const response = await this.#http.open(request, stop, (headers) => this.#noteDate(headers["date"]));
      const text = await readBody(rpc, response);
      // A connection can be reused only in the next turn of the event loop: an earlier call would open another one.
      await setImmediate();
      if (response.status !== 200) throw errorResponse(rpc, response, text, token, this.#http.clock.wall());
      try {
        return parseExactly(text);
      } catch {
        throw notJson(rpc, response, text, token);
      }
    });
  }

  #noteDate(header: string | undefined): void {
    const serverTime = Date.parse(header ?? "");
    if (!Number.isNaN(serverTime)) this.#serverAheadMs = serverTime - this.#http.clock.monotonic();
  }
}

/** Parses JSON, with integers beyond 2^53 as strings so that they lose no digits. */
function parseExactly(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  // Node's types lack the third argument.
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    Number.isSafeInteger(value) || !/^-?\d+$/.test(context?.source ?? "") ? value : context?.source;
  return JSON.parse(text, revive);
}
