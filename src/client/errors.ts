/** The error of a failed call to the Ona API: its facts, and what the caller may conclude from them. */
import { ExpectedError } from "../util/expected-error.js";
import { sanitize } from "../util/text.js";

/** The name of a request for a prebuild's log. It is not an RPC: it goes to an address that the API returns. */
export const logCall = "PrebuildLogs";

/** The error codes of the Connect protocol. After those with `true`, the request may still have taken effect. */
const mayHaveTakenEffect = {
  canceled: true,
  unknown: true,
  invalid_argument: false,
  deadline_exceeded: true,
  not_found: false,
  already_exists: false,
  permission_denied: false,
  resource_exhausted: false,
  failed_precondition: false,
  aborted: true,
  out_of_range: false,
  unimplemented: false,
  internal: true,
  unavailable: true,
  data_loss: true,
  unauthenticated: false,
};

/** An error code of the Connect protocol. */
export type ConnectCode = keyof typeof mayHaveTakenEffect;

export const connectCodes = Object.keys(mayHaveTakenEffect) as readonly ConnectCode[];

/**
 * Where an error comes from.
 * - `api`: the API returned a Connect error
 * - `http`: an HTTP status without a Connect error, from a proxy or gateway for example
 * - `network`: no response: the connection could not be made, or was lost
 * - `certificate`: no request was sent: the server's certificate was rejected
 * - `timeout`: no response within the time for one attempt
 * - `unreadable`: a response that is not what the API describes
 * - `redirect`: a response that points elsewhere
 * - `cancelled`: we stopped the call ourselves
 */
export type ErrorOrigin =
  "api" | "http" | "network" | "certificate" | "timeout" | "unreadable" | "redirect" | "cancelled";

/** What a response says about sending the request again. */
export type RetryAdvice =
  | { readonly kind: "after"; readonly milliseconds: number }
  /** The server said explicitly not to retry. */
  | { readonly kind: "never" }
  | { readonly kind: "unsaid" };

/** What only the caller of the client knows about a failed call. */
export interface ErrorContext {
  /** The connection that the call was made with. Left out for the general settings. */
  readonly connection?: string | undefined;
  /** What to do next, without a period at the end. Default: nothing. */
  readonly advice?: string;
}

export interface OnaErrorFacts extends ErrorContext {
  readonly rpc: string;
  readonly code: ConnectCode;
  readonly origin: ErrorOrigin;
  /** What the API, a proxy or the network said. May contain control characters. */
  readonly detail: string;
  readonly httpStatus?: number | undefined;
  /** Default: unspecified. */
  readonly retry?: RetryAdvice;
  /** How often the request was sent. Default 1. */
  readonly attempts?: number;
  /** The message for users in `gitpod.v1.ActionableErrorDetails`. */
  readonly userMessage?: string | undefined;
  /** Whether a successful response was an HTML page, which cannot come from the API. Default false. */
  readonly isPage?: boolean;
  /** False if the request certainly never left this machine. Default true. */
  readonly sent?: boolean;
  /** The environment variable of the proxy that the request goes through, if it goes through one. */
  readonly proxy?: string | undefined;
}

/** A failed call to the Ona API. */
export class OnaError extends ExpectedError {
  // Getters read the rest from here, so a program that ends with this error prints its message and not an object.
  readonly #facts: OnaErrorFacts;

  constructor(facts: OnaErrorFacts) {
    super([describe(facts), sanitize(facts.advice ?? "")].filter((sentence) => sentence !== "").join(". "));
    this.#facts = facts;
  }

  override get name(): string {
    return "OnaError";
  }

  /** The call that failed: `CreateWarmPool`. */
  get rpc(): string {
    return this.#facts.rpc;
  }

  /** The Connect code. For responses without one, the code that the Connect protocol derives from the HTTP status. */
  get code(): ConnectCode {
    return this.#facts.code;
  }

  /** Where the error comes from. */
  get origin(): ErrorOrigin {
    return this.#facts.origin;
  }

  /** What the API, a proxy or the network said, without control characters. */
  get detail(): string {
    return sanitize(this.#facts.detail);
  }

  get httpStatus(): number | undefined {
    return this.#facts.httpStatus;
  }

  /** What the response said about sending the request again. */
  get retry(): RetryAdvice {
    return this.#facts.retry ?? { kind: "unsaid" };
  }

  /** How often the request was sent. */
  get attempts(): number {
    return this.#facts.attempts ?? 1;
  }

  /** The API's message for users, without control characters. */
  get userMessage(): string | undefined {
    return this.#facts.userMessage === undefined ? undefined : sanitize(this.#facts.userMessage);
  }

  /** False if the request certainly never left this machine. */
  get sent(): boolean {
    return this.#facts.sent ?? true;
  }

  /** The message without advice, and without a period at the end. */
  get summary(): string {
    return describe(this.#facts);
  }

  /** What to do next, without control characters or a period at the end. Empty if unknown. */
  get advice(): string {
    return sanitize(this.#facts.advice ?? "");
  }

  /** Returns the same error with some facts replaced. */
  with(change: (facts: OnaErrorFacts) => Partial<OnaErrorFacts>): OnaError {
    return new OnaError({ ...this.#facts, ...change(this.#facts) });
  }
}

/** Whether an error means that an object does not exist. Only the API's own `not_found` does. */
export function isNotFound(error: unknown): boolean {
  return error instanceof OnaError && error.origin === "api" && error.code === "not_found";
}

/** Returns the response, or undefined if the API says that the object does not exist. */
export async function ignoreNotFound<T>(response: Promise<T>): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Statuses that a proxy sends instead of passing a request on: bad method, authentication, too many requests. */
const notPassedOn: ReadonlySet<number> = new Set([405, 407, 429]);

/** Whether a proxy or gateway, not the API, refused a request because there were too many. */
export function isProxyRateLimit({ origin, httpStatus }: OnaError): boolean {
  return origin === "http" && httpStatus === 429;
}

/** Whether a failed request may still have taken effect, so that the caller has to check. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (!(error instanceof OnaError)) return false;
  const { origin, code, httpStatus = 0 } = error;
  if (origin === "api") return mayHaveTakenEffect[code];
  if (origin === "http") return mayHaveTakenEffect[code] && !notPassedOn.has(httpStatus);
  return error.sent && origin !== "redirect";
}

/** Whether the same read may succeed later without anyone changing anything. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof OnaError) || ["redirect", "certificate", "cancelled"].includes(error.origin)) return false;
  // Until someone changes the address or the proxy.
  if (error.origin === "http" && (error.httpStatus === 405 || error.httpStatus === 407)) return false;
  return mayHaveTakenEffect[error.code] || error.code === "resource_exhausted";
}

/** The Connect code for an HTTP status without a Connect error: the protocol's table "HTTP to error code". */
export function codeOfHttpStatus(status: number): ConnectCode {
  if ([429, 502, 503, 504].includes(status)) return "unavailable";
  const codes = { 400: "internal", 401: "unauthenticated", 403: "permission_denied", 404: "unimplemented" } as const;
  return (codes as Readonly<Record<number, ConnectCode>>)[status] ?? "unknown";
}

function describe(facts: OnaErrorFacts): string {
  const { rpc, code, origin, httpStatus, connection, detail, userMessage = "" } = facts;
  const { attempts = 1, sent } = facts;
  const said = [...new Set([detail, userMessage].map((text) => sanitize(text)))].filter((text) => text !== "");
  const server = rpc === logCall ? "the log server" : "the Ona API";
  const origins: Readonly<Record<ErrorOrigin, string>> = {
    api: `${server} answered ${code}`,
    http: `HTTP ${httpStatus} without an error from ${server} (${code})`,
    network: sent === false ? `could not connect to ${server}` : `lost the connection to ${server}`,
    certificate: `the certificate of ${server} was rejected`,
    timeout: `${server} did not respond in time`,
    unreadable: "the response could not be read",
    redirect: `${server} redirected the call`,
    cancelled: "the call was stopped",
  };
  return [
    rpc,
    connection === undefined ? "" : ` over the connection ${sanitize(JSON.stringify(connection))}`,
    `: ${origins[origin]}`,
    said.length === 0 ? "" : `: ${said.map((text) => text.replace(/\.$/, "")).join(". ")}`,
    attempts > 1 ? ` (tried ${attempts} times)` : "",
  ].join("");
}
