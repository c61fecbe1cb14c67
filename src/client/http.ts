/** HTTP by undici: one request within its time, redirects within the origin, and the errors of the way. Knows nothing of what is asked. */
import { isNativeError } from "node:util/types";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import type { Clock } from "../util/clock.js";
import { formatDuration } from "../util/duration.js";
import { packageVersion } from "../util/version.js";
import { scrub } from "./error-response.js";
import { codeOfHttpStatus, OnaError } from "./errors.js";

const mostRedirects = 5;
/** No answer of the API comes near it: 16 MiB. */
const mostBytes = 16 * 1024 * 1024;

/**
 * How long an idle connection is kept, in milliseconds, where its server does not say: longer than the longest interval of a wait's polls, so that a poll opens none, and
 * shorter than what load balancers grant (60 s is usual). HTTP/1.1, a connection for each call at once: with HTTP/2 a POST costs more and shares no connection either,
 * see docs/performance.md.
 */
const keepAliveTimeout = 15_000;

/** The headers of an answer. */
export type Headers = Dispatcher.ResponseData["headers"];

/** A request, and how errors call it. */
export interface HttpRequest {
  readonly rpc: string;
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Goes into the header Authorization, to the origin of `url` alone, and into no error. */
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The end of the path that an error leaves out, so that it names the address of the API and not that of a call. */
  readonly callPath?: string;
}

/** An answer whose body is still to be read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Dispatcher.ResponseData["body"];
}

/** The connections of a client. */
export class Connections {
  readonly #dispatchers = new Map<string, Dispatcher>();

  /**
   * Sends a request and follows redirects within its origin.
   * @param hear hears the headers of each answer, redirects included
   */
  async open(asked: HttpRequest, signal: AbortSignal, hear?: (headers: Headers) => void): Promise<HttpAnswer> {
    const { method, token, body } = asked;
    let { url } = asked;
    for (let redirects = 0; ; redirects++) {
      const { statusCode, headers, ...response } = await request(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          "user-agent": `pulumi-ona/${packageVersion}`,
          ...asked.headers,
        },
        ...(body === undefined ? {} : { body }),
        dispatcher: this.#dispatcher(url),
        signal,
        // One clock decides about time-outs, through the signal.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      hear?.(headers);
      if (statusCode < 300 || statusCode >= 400) return { status: statusCode, headers, body: response.body };
      response.body.destroy();
      response.body.on("error", () => undefined);
      url = redirectTarget(asked, statusCode, url, headers["location"], redirects);
    }
  }

  /** Closes the connections once their requests have ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.close()));
  }

  #dispatcher(url: string): Dispatcher {
    const { protocol } = new URL(url);
    const known = this.#dispatchers.get(protocol);
    if (known !== undefined) return known;
    const { env } = process;
    // http is for this machine alone: no proxy must see its token, or could reach it.
    const proxy = env["HTTPS_PROXY"] || env["https_proxy"] || env["HTTP_PROXY"] || env["http_proxy"];
    const made =
      protocol === "https:" && proxy ? new EnvHttpProxyAgent({ keepAliveTimeout }) : new Agent({ keepAliveTimeout });
    this.#dispatchers.set(protocol, made);
    return made;
  }
}

/** How long a request may take, in milliseconds of a clock. */
export interface TimeLimit {
  readonly requestTimeout: number;
  readonly clock: Clock;
}

/**
 * Does something within the time for a request. What it opens stays under `signal` afterwards, without a limit.
 * @throws OnaError whatever goes wrong
 */
export async function withinTime<T>(
  rpc: string,
  { requestTimeout, clock }: TimeLimit,
  signal: AbortSignal | undefined,
  run: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const finished = new AbortController();
  const timedOut = new AbortController();
  clock.sleep(requestTimeout, finished.signal).then(
    () => timedOut.abort(),
    () => undefined,
  );
  try {
    return await run(signal ? AbortSignal.any([signal, timedOut.signal]) : timedOut.signal);
  } catch (error) {
    if (timedOut.signal.aborted && !signal?.aborted && !(error instanceof OnaError)) {
      const detail = `no answer within ${formatDuration(requestTimeout)}`;
      throw new OnaError({ rpc, code: "deadline_exceeded", origin: "timeout", detail });
    }
    throw failureOnTheWay(rpc, error, signal);
  } finally {
    finished.abort();
  }
}

/** What went wrong between here and there: we stopped, or the network failed. */
export function failureOnTheWay(rpc: string, error: unknown, signal: AbortSignal | undefined): OnaError {
  if (error instanceof OnaError) return error;
  if (signal?.aborted) {
    return new OnaError({ rpc, code: "canceled", origin: "cancelled", detail: reasonText(signal.reason) });
  }
  return networkError(rpc, error);
}

/** The text of a body. */
export async function readBody(
  rpc: string,
  body: Dispatcher.ResponseData["body"],
  httpStatus: number,
): Promise<string> {
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
  { rpc, method, url, token, callPath = "" }: HttpRequest,
  httpStatus: number,
  from: string,
  location: string | string[] | undefined,
  redirects: number,
): string {
  const refuse = (detail: string) =>
    new OnaError({ rpc, code: "unimplemented", origin: "redirect", httpStatus, detail });
  if (typeof location !== "string" || !URL.canParse(location, from))
    throw refuse(`HTTP ${httpStatus} without a usable address`);
  const target = new URL(location, from);
  const shown = scrub(`${target.origin}${target.pathname}`.replace(callPath, ""), token);
  // The token must not travel to a host that nobody configured.
  if (target.origin !== new URL(url).origin)
    throw refuse(`HTTP ${httpStatus} to ${shown}, which is another origin and was not followed`);
  if (!(method === "GET" ? movesGet : movesAny).has(httpStatus))
    throw refuse(`HTTP ${httpStatus} to ${shown}, which would change the request`);
  if (redirects >= mostRedirects) throw refuse(`more than ${mostRedirects} redirects, the last to ${shown}`);
  return `${target.origin}${target.pathname}${target.search}`;
}

/** The redirects that leave a request as it is: with its method and body, or of a GET, which has none. */
const movesAny: ReadonlySet<number> = new Set([307, 308]);
const movesGet: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

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

function networkError(rpc: string, error: unknown): OnaError {
  // Not instanceof: errors of Node's core may come from another realm than this module's.
  const code = isNativeError(error) && "code" in error ? String(error.code) : "";
  const message = isNativeError(error) ? error.message : String(error);
  const [, proxyStatus] = tunnelRefused.exec(message) ?? [];
  if (proxyStatus !== undefined) return noTunnel(rpc, Number(proxyStatus));
  const refused = certificateRefused.test(code);
  return new OnaError({
    rpc,
    code: "unavailable",
    origin: refused ? "certificate" : "network",
    detail: [code, message].filter((part, index, all) => part !== "" && all.indexOf(part) === index).join(": "),
    sent: !refused && !neverSent.has(code),
  });
}

/** What undici says where a proxy refuses to open a tunnel, which is before a request leaves. It has no code of its own. */
const tunnelRefused = /^Proxy response \((\d{3})\) !== 200 when HTTP Tunneling$/;

function noTunnel(rpc: string, httpStatus: number): OnaError {
  const facts = { rpc, sent: false } as const;
  return httpStatus === 407
    ? new OnaError({ ...facts, code: codeOfHttpStatus(407), origin: "http", httpStatus, detail: "the proxy's answer" })
    : new OnaError({
        ...facts,
        code: "unavailable",
        origin: "network",
        detail: `the proxy refused with HTTP ${httpStatus}`,
      });
}

function reasonText(reason: unknown): string {
  return reason instanceof Error ? reason.message : "";
}
