/** One request to the Ona API and its answer: Connect unary with the JSON codec. No retries here. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../util/clock.js";
import { errorAnswer, notJson } from "./error-response.js";
import { Connections, type Headers, readBody, withinTime } from "./http.js";
import type { Rpc } from "./schemas.js";

const service = "gitpod.v1.PrebuildService";

/** Where and how requests are sent. */
export interface TransportOptions {
  /** Address that RPC paths are appended to, such as `https://app.ona.com/api`; no trailing slash. */
  readonly baseUrl: string;
  /** Gives the token at the moment of a call; it is kept nowhere. */
  readonly token: () => string;
  /** How long one attempt may take until its answer is read, in milliseconds. */
  readonly requestTimeout: number;
  readonly clock: Clock;
}

/** An answer of the API. */
export interface Answer {
  /** The parsed JSON body. */
  readonly body: unknown;
}

/** Sends single requests and remembers what the server's clock says. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #connections: Connections;
  #serverAhead: number | undefined;

  constructor(options: TransportOptions, connections: Connections) {
    this.#options = options;
    this.#connections = connections;
  }

  /**
   * The latest moment that the server's clock is known to have passed at a moment of ours, by the newest `Date` header.
   * @param moment milliseconds of `clock.monotonic()`
   * @returns milliseconds since 1970, up to a second and the answer's way early, never late; undefined before any answer came
   */
  serverTimeAt(moment: number): number | undefined {
    return this.#serverAhead === undefined ? undefined : moment + this.#serverAhead;
  }

  /**
   * Sends one request.
   * @throws OnaError whatever goes wrong
   */
  async send(rpc: Rpc, message: object, signal: AbortSignal | undefined): Promise<Answer> {
    const { baseUrl } = this.#options;
    const token = this.#options.token();
    const callPath = `/${service}/${rpc}`;
    return withinTime(rpc, this.#options, signal, async (stop) => {
      const { status, headers, body } = await this.#connections.open(
        {
          rpc,
          method: "POST",
          url: `${baseUrl}${callPath}`,
          token,
          headers: { "content-type": "application/json", "connect-protocol-version": "1" },
          body: JSON.stringify(message),
          // What ona:baseUrl would have to be: without the path of the call.
          callPath,
        },
        stop,
        (heard) => this.#noteDate(heard["date"]),
      );
      const text = await readBody(rpc, body, status);
      // A connection can be used again only in the next turn of the event loop: a call that came sooner would open another one.
      await setImmediate();
      if (status !== 200) throw errorAnswer(rpc, status, text, headers, token, this.#options.clock.wall());
      try {
        return { body: parseExactly(text) };
      } catch {
        throw notJson(rpc, status, text, headers, token);
      }
    });
  }

  #noteDate(header: Headers[string]): void {
    const at = typeof header === "string" ? Date.parse(header) : NaN;
    if (!Number.isNaN(at)) this.#serverAhead = at - this.#options.clock.monotonic();
  }
}

/** JSON whose integers beyond 2^53 arrive as text, so that none loses digits. */
function parseExactly(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const revive: ExactReviver = (_key, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? context?.source
      : value;
  return JSON.parse(text, revive);
}

/** A JSON.parse reviver with the source text, which Node has and its types lack. */
type ExactReviver = (key: string, value: unknown, context?: { source?: string }) => unknown;
