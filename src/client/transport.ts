/** One request to the Ona API and its answer: HTTP by undici, Connect unary with the JSON codec. No retries here. */
import { isNativeError } from "node:util/types";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import type { Clock } from "../clock.js";
import { formatDuration } from "../duration.js";
import { packageVersion } from "../version.js";
import { retryInfo, userMessage } from "./details.js";
import {
  codeOfHttpStatus,
  type ConnectCode,
  connectCodes,
  OnaError,
  type OnaErrorFacts,
  type RetryAdvice,
} from "./errors.js";
import { connectError, type Rpc } from "./schemas.js";

const service = "gitpod.v1.PrebuildService";
const mostRedirects = 5;
/** No answer of this API comes near it: 16 MiB. */
const mostBytes = 16 * 1024 * 1024;

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
  readonly #dispatcher: Dispatcher;
  #serverAhead: number | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { env } = process;
    // http is for this machine alone: no proxy must see its token, or could reach it.
    const { protocol } = new URL(options.baseUrl);
    const proxy = env["HTTPS_PROXY"] || env["https_proxy"] || env["HTTP_PROXY"] || env["http_proxy"];
    this.#dispatcher = protocol === "https:" && proxy ? new EnvHttpProxyAgent() : new Agent();
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
    const { baseUrl, clock, requestTimeout } = this.#options;
    const token = this.#options.token();
    const finished = new AbortController();
    const timedOut = new AbortController();
    clock.sleep(requestTimeout, finished.signal).then(
      () => timedOut.abort(),
      () => undefined,
    );
    try {
      const stop = signal ? AbortSignal.any([signal, timedOut.signal]) : timedOut.signal;
      return await this.#exchange(rpc, `${baseUrl}/${service}/${rpc}`, JSON.stringify(message), token, stop);
    } catch (error) {
      if (error instanceof OnaError) throw error;
      if (signal?.aborted) {
        throw new OnaError({ rpc, code: "canceled", origin: "cancelled", detail: reasonText(signal.reason) });
      }
      if (timedOut.signal.aborted) {
        const detail = `no answer within ${formatDuration(requestTimeout)}`;
        throw new OnaError({ rpc, code: "deadline_exceeded", origin: "timeout", detail });
      }
      throw networkError(rpc, error);
    } finally {
      finished.abort();
    }
  }

  /** Closes the connections once their requests have ended. */
  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  async #exchange(rpc: Rpc, url: string, body: string, token: string, signal: AbortSignal): Promise<Answer> {
    const origin = new URL(url).origin;
    for (let redirects = 0; ; redirects++) {
      const response = await request(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "connect-protocol-version": "1",
          "user-agent": `pulumi-ona/${packageVersion}`,
        },
        body,
        dispatcher: this.#dispatcher,
        signal,
        // One clock decides about time-outs: requestTimeout, through the signal.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      this.#noteDate(response.headers["date"]);
      const status = response.statusCode;
      if (status >= 300 && status < 400) {
        response.body.destroy();
        response.body.on("error", () => undefined);
        url = redirectTarget(rpc, status, url, response.headers["location"], origin, redirects, token);
        continue;
      }
      const text = await readBody(rpc, response.body, status);
      if (status !== 200) throw errorAnswer(rpc, status, text, response.headers, token);
      try {
        return { body: parseExactly(text) };
      } catch {
        const detail = text === "" ? "an empty body" : "the body is not JSON";
        throw new OnaError({ rpc, code: "internal", origin: "unreadable", httpStatus: status, detail });
      }
    }
  }

  #noteDate(header: string | string[] | undefined): void {
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

async function readBody(rpc: Rpc, body: Dispatcher.ResponseData["body"], httpStatus: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream: AsyncIterable<Buffer> = body;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > mostBytes) {
      const detail = `the body is larger than ${mostBytes} bytes`;
      throw new OnaError({ rpc, code: "internal", origin: "unreadable", httpStatus, detail });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function redirectTarget(
  rpc: Rpc,
  httpStatus: number,
  from: string,
  location: string | string[] | undefined,
  origin: string,
  redirects: number,
  token: string,
): string {
  const refuse = (detail: string) =>
    new OnaError({ rpc, code: "unimplemented", origin: "redirect", httpStatus, detail });
  if (typeof location !== "string" || !URL.canParse(location, from))
    throw refuse(`HTTP ${httpStatus} without a usable address`);
  const target = new URL(location, from);
  // What ona:baseUrl would have to be: without the path of the call.
  const shown = scrub(`${target.origin}${target.pathname}`.replace(`/${service}/${rpc}`, ""), token);
  // The token must not travel to a host that nobody configured.
  if (target.origin !== origin)
    throw refuse(`HTTP ${httpStatus} to ${shown}, which is another origin and was not followed`);
  if (httpStatus !== 307 && httpStatus !== 308)
    throw refuse(`HTTP ${httpStatus} to ${shown}, which would change the request`);
  if (redirects >= mostRedirects) throw refuse(`more than ${mostRedirects} redirects, the last to ${shown}`);
  return target.href;
}

function errorAnswer(
  rpc: Rpc,
  httpStatus: number,
  text: string,
  headers: Record<string, string | string[] | undefined>,
  token: string,
): OnaError {
  const facts = connectFacts(text, headers) ?? {
    code: codeOfHttpStatus(httpStatus),
    origin: "http" as const,
    // Before the text is cut, since half a token is still a secret.
    detail: pageTitle(scrub(text, token)),
  };
  return new OnaError({
    ...facts,
    rpc,
    httpStatus,
    detail: scrub(facts.detail, token),
    ...(facts.userMessage === undefined ? {} : { userMessage: scrub(facts.userMessage, token) }),
  });
}

/** What a server said, without our token: one that repeats it must not make us print it. */
function scrub(said: string, token: string): string {
  return said.replaceAll(token, "[token]");
}

/** The error that a body carries, if it is a Connect error. */
function connectFacts(
  text: string,
  headers: Record<string, string | string[] | undefined>,
): Omit<OnaErrorFacts, "rpc"> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = connectError.safeParse(json);
  if (!parsed.success || !isConnectCode(parsed.data.code)) return undefined;
  const { code, message, details } = parsed.data;
  const facts = { code, origin: "api" as const, detail: message, retry: headerAdvice(headers["ratelimit-retryafter"]) };
  if (details.length === 0) return facts;
  const forPeople = userMessage(details);
  return {
    ...facts,
    retry: retryInfo(details) ?? facts.retry,
    ...(forPeople === undefined ? {} : { userMessage: forPeople }),
  };
}

function isConnectCode(code: string): code is ConnectCode {
  return (connectCodes as readonly string[]).includes(code);
}

/** The advice of the header `RateLimit-RetryAfter`: whole seconds. */
function headerAdvice(header: string | string[] | undefined): RetryAdvice {
  const seconds = typeof header === "string" && /^\d+$/.test(header) ? Number(header) : 0;
  return seconds > 0 && Number.isSafeInteger(seconds)
    ? { kind: "after", milliseconds: seconds * 1_000 }
    : { kind: "unsaid" };
}

/** What an error page that is no Connect error says of itself. */
function pageTitle(text: string): string {
  const title = /<title[^>]*>([^<]{1,200})<\/title>/i.exec(text)?.[1];
  return title ?? (text.includes("<") ? "an HTML page" : text.slice(0, 200));
}

/** Failures that happen before a request leaves. */
const neverSent: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** A certificate that was refused, before a request leaves: the codes of OpenSSL's verification and of Node's check of the name. */
const certificateRefused =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_|SELF_SIGNED_|UNABLE_TO_)/;

function networkError(rpc: Rpc, error: unknown): OnaError {
  // Not instanceof: errors of Node's core may come from another realm than this module's.
  const code = isNativeError(error) && "code" in error ? String(error.code) : "";
  const message = isNativeError(error) ? error.message : String(error);
  const refused = certificateRefused.test(code);
  return new OnaError({
    rpc,
    code: "unavailable",
    origin: refused ? "certificate" : "network",
    detail: [code, message].filter((part, index, all) => part !== "" && all.indexOf(part) === index).join(": "),
    sent: !refused && !neverSent.has(code),
  });
}

function reasonText(reason: unknown): string {
  return reason instanceof Error ? reason.message : "";
}
