/**
 * HTTP requests through undici: timeouts, redirects within the origin, proxies, and errors. Knows nothing about RPCs.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isNativeError } from "node:util/types";
// With this path, Bun loads the package too, and not its own module "undici", which ignores dispatchers.
import { Agent, type Dispatcher, ProxyAgent, request, Socks5ProxyAgent } from "undici/index.js";
import { type Clock, startTimer } from "../util/clock.js";
import { formatDuration } from "../util/duration.js";
import { ExpectedError } from "../util/expected-error.js";
import { originOf } from "../util/secure-url.js";
import { describeThrown } from "../util/text.js";
import { packageVersion } from "../util/version.js";
import { codeOfHttpStatus, OnaError } from "./errors.js";
import { findProxy, type Proxy } from "./proxy.js";

const maxRedirects = 5;
/** 16 MiB. No response of the API comes near it. */
const maxBodyBytes = 16 * 1024 * 1024;

/**
 * How long an idle connection is kept if the server does not say: longer than the longest interval of polls, so that no
 * poll opens one, and shorter than what load balancers grant (usually 60 s). For HTTP/1.1 over HTTP/2 see
 * docs/performance.md.
 */
const keepAliveTimeoutMs = 15_000;

interface HttpRequest {
  /** What errors call the request. */
  readonly rpc: string;
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Goes into the header Authorization, to the origin of `url` only, and into no error. */
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The end of the path. An error leaves it out, so that it names the address of the API and not that of a call. */
  readonly callPath?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Dispatcher.ResponseData["body"];
}

/** Sends requests and keeps connections open between them. */
export class HttpClient {
  readonly clock: Clock;
  readonly #requestTimeoutMs: number;
  /** By proxy. */
  readonly #dispatchers = new Map<string | undefined, Dispatcher>();

  constructor(requestTimeoutMs: number, clock: Clock) {
    this.#requestTimeoutMs = requestTimeoutMs;
    this.clock = clock;
  }

  /** Runs something within the timeout of a request. What it opens stays under `signal`, without a timeout. */
  async withTimeout<T>(rpc: string, signal: AbortSignal | undefined, run: (stop: AbortSignal) => Promise<T>) {
    const timedOut = new AbortController();
    const stopTimer = startTimer(this.clock, this.#requestTimeoutMs, () => timedOut.abort());
    try {
      return await run(signal ? AbortSignal.any([signal, timedOut.signal]) : timedOut.signal);
    } catch (error) {
      if (error instanceof ExpectedError) throw error;
      if (timedOut.signal.aborted && !signal?.aborted) {
        const detail = `no response within ${formatDuration(this.#requestTimeoutMs)}`;
        throw new OnaError({ rpc, code: "deadline_exceeded", origin: "timeout", detail });
      }
      throw toOnaError(rpc, error, signal);
    } finally {
      stopTimer();
    }
  }

  /**
   * Sends a request and follows redirects within its origin.
   * @throws ProxyError
   */
  async open(sent: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { method, token, body = null } = sent;
    let { url } = sent;
    for (let redirects = 0; ; redirects++) {
      const proxy = findProxy(new URL(url), process.env);
      const sending = request(url, {
        method,
        headers: { authorization: `Bearer ${token}`, "user-agent": `pulumi-ona/${packageVersion}`, ...sent.headers },
        body,
        dispatcher: this.#dispatcher(proxy),
        signal,
        // withTimeout is the only timeout.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const { statusCode, headers, ...response } = await sending.catch((error: unknown) => {
        throw signal.aborted ? error : toOnaError(sent.rpc, error, undefined, proxy?.variable);
      });
      if (statusCode < 300 || statusCode >= 400) return { status: statusCode, headers, body: response.body };
      response.body.destroy();
      response.body.on("error", () => undefined);
      url = redirectTarget(sent, statusCode, url, headers["location"], redirects);
    }
  }

  /** Closes the connections when their requests have ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.close()));
  }

  #dispatcher(proxy: Proxy | undefined): Dispatcher {
    const key = JSON.stringify(proxy);
    const known = this.#dispatchers.get(key);
    if (known !== undefined) return known;
    const dispatcher = createDispatcher(proxy);
    this.#dispatchers.set(key, dispatcher);
    return dispatcher;
  }
}

function createDispatcher(proxy: Proxy | undefined): Dispatcher {
  if (proxy === undefined) return new Agent({ keepAliveTimeout: keepAliveTimeoutMs });
  const { protocol, host, user, password } = proxy;
  const uri = `${protocol}//${host}`;
  if (protocol === "socks5:") return createSocksDispatcher(uri, user, password);
  const credentials = Buffer.from(`${user}:${password}`).toString("base64");
  const authorization = user === "" && password === "" ? {} : { token: `Basic ${credentials}` };
  return new ProxyAgent({ uri, keepAliveTimeout: keepAliveTimeoutMs, ...authorization });
}

function createSocksDispatcher(uri: string, username: string, password: string): Dispatcher {
  const emitWarning = Reflect.get(process, "emitWarning");
  // undici warns that this is experimental, which Pulumi would show as an error of the provider.
  process.emitWarning = () => undefined;
  try {
    return new Socks5ProxyAgent(uri, { username, password });
  } finally {
    process.emitWarning = emitWarning;
  }
}

export async function readBody(rpc: string, response: HttpResponse): Promise<string> {
  // One buffer that grows: a chunk of a single byte would take as much memory as a hundred.
  let body = Buffer.allocUnsafe(65_536);
  let size = 0;
  for await (const chunk of readChunks(rpc, response, maxBodyBytes, "body")) {
    if (size + chunk.length > body.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * body.length, size + chunk.length));
      body.copy(larger, 0, 0, size);
      body = larger;
    }
    size += chunk.copy(body, size);
  }
  return body.toString("utf8", 0, size);
}

/** Reads a body as it arrives. One that is too large is an error, which calls it `what`. */
export async function* readChunks(rpc: string, { status, body }: HttpResponse, maxBytes: number, what: string) {
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      const detail = `the ${what} is larger than ${maxBytes} bytes`;
      throw new OnaError({ rpc, code: "internal", origin: "unreadable", httpStatus: status, detail });
    }
    yield chunk;
  }
}

/** The redirects that keep method and body, and those that keep a GET, which has no body. */
const redirectStatuses = { POST: [307, 308], GET: [301, 302, 303, 307, 308] };

function redirectTarget(
  { rpc, method, url, callPath = "" }: HttpRequest,
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
  // Decoded, so that nothing hides in it. Addresses without an origin, such as file:, end there.
  const path = target.origin === "null" ? "" : decodePath(target.pathname.replace(callPath, ""));
  const address = `${originOf(target)}${path}`;
  // The token must not travel to a host that nobody configured.
  if (target.origin !== new URL(url).origin)
    throw refuse(`HTTP ${httpStatus} to ${address}, which is another origin and was not followed`);
  if (!redirectStatuses[method].includes(httpStatus))
    throw refuse(`HTTP ${httpStatus} to ${address}, which would change the request and was not followed`);
  if (redirects >= maxRedirects) throw refuse(`more than ${maxRedirects} redirects, the last to ${address}`);
  return `${target.origin}${target.pathname}${target.search}`;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Failures before a request leaves this machine. */
const neverSent =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_PRX_TLS)$/;

/**
 * A rejected certificate, before a request leaves: the codes of OpenSSL's verification and of Node's check of the name.
 */
const certificateRejected =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_|SELF_SIGNED_|UNABLE_TO_)/;

/** undici's codes and messages if a SOCKS proxy refuses to connect, before a request leaves. */
const socksRefused = /^(?:UND_ERR_SOCKS5|SOCKS5 )/;

/** undici's message if a proxy refuses to open a tunnel, before a request leaves. It has no code. */
const tunnelRefused = /^Proxy response \((\d{3})\) !== 200 when HTTP Tunneling$/;

/**
 * Turns what interrupted a request into an OnaError: we stopped it, or the network failed.
 * @param proxy the variable of the proxy that the request goes through
 */
export function toOnaError(rpc: string, error: unknown, signal: AbortSignal | undefined, proxy?: string): OnaError {
  if (error instanceof OnaError) return error;
  if (signal?.aborted) {
    const detail = signal.reason instanceof Error ? signal.reason.message : "";
    return new OnaError({ rpc, code: "canceled", origin: "cancelled", detail });
  }
  // Not instanceof: errors of Node's core may come from another realm than this module's.
  const code = isNativeError(error) && "code" in error && typeof error.code === "string" ? error.code : "";
  const message = describeThrown(error);
  const [, proxyStatus] = tunnelRefused.exec(message) ?? [];
  if (proxyStatus === "407") {
    const facts = { code: codeOfHttpStatus(407), origin: "http", httpStatus: 407, sent: false, proxy } as const;
    return new OnaError({ ...facts, rpc, detail: "the proxy's response" });
  }
  const isCertificate = certificateRejected.test(code);
  const isRefusedBySocks = socksRefused.test(code) || socksRefused.test(message);
  return new OnaError({
    rpc,
    code: "unavailable",
    origin: isCertificate ? "certificate" : "network",
    detail:
      proxyStatus === undefined
        ? [message.includes(code) ? "" : code, message].filter((part) => part !== "").join(": ")
        : `the proxy refused with HTTP ${proxyStatus}`,
    proxy,
    sent: proxyStatus === undefined && !isCertificate && !neverSent.test(code) && !isRefusedBySocks,
  });
}
