/** What can go wrong with a call to the Ona API, as one typed error that says what we did, what the API said and what to do. */
import { ExpectedError } from "../util/expected-error.js";
import { formatDuration } from "../util/duration.js";
import { sanitize } from "../util/text.js";

/** What a request for the log of a prebuild is called, which is no RPC: it goes to an address that the API gives. */
export const logCall = "PrebuildLogs";

/** The error codes of the Connect protocol. */
export const connectCodes = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** An error code of the Connect protocol. */
export type ConnectCode = (typeof connectCodes)[number];

/**
 * Who produced the error.
 * - `api`: the API answered with a Connect error
 * - `http`: something answered with an HTTP status but no Connect error, a proxy for example
 * - `network`: no answer: the connection could not be made or broke
 * - `certificate`: no request: the certificate at the other end was refused
 * - `timeout`: no answer within the time for one attempt
 * - `unreadable`: an answer that is not what the API describes
 * - `redirect`: an answer that points elsewhere
 * - `cancelled`: we stopped the call ourselves
 */
export type ErrorOrigin =
  "api" | "http" | "network" | "certificate" | "timeout" | "unreadable" | "redirect" | "cancelled";

/** What a rate limit told us about sending again. */
export type RetryAdvice =
  | { readonly kind: "after"; readonly milliseconds: number }
  /** The server said explicitly that sending again does not help. */
  | { readonly kind: "never" }
  | { readonly kind: "unsaid" };

/** How people set where the API is and its token: what advice names. */
export interface SettingNames {
  /** The connection's name; undefined for the general settings. */
  readonly connection?: string;
  readonly apiKey: { readonly config: string; readonly variable: string };
  readonly baseUrl: { readonly config: string; readonly variable: string };
}

/** The names of the general settings. */
const generalNames: SettingNames = {
  apiKey: { config: "ona:apiKey", variable: "ONA_API_KEY" },
  baseUrl: { config: "ona:baseUrl", variable: "ONA_BASE_URL" },
};

/** Why a prebuild that was there may not be there any more. */
export const removedByAge = "The API removes each prebuild after seven days";

/** The facts of an {@link OnaError}. */
export interface OnaErrorFacts {
  readonly rpc: string;
  readonly code: ConnectCode;
  readonly origin: ErrorOrigin;
  /** What the API (or the network) said; made printable here. */
  readonly detail: string;
  readonly httpStatus?: number;
  readonly retry?: RetryAdvice;
  /** How often the request was sent. */
  readonly attempts?: number;
  /** Text for people from `gitpod.v1.ActionableErrorDetails`. */
  readonly userMessage?: string;
  /** Whether an answer of success was a page for people, which certainly does not come from the API. Default false. */
  readonly isPage?: boolean;
  /** False when the request certainly never left; true otherwise and by default. */
  readonly sent?: boolean;
  /** Which settings the call was made with. Default: the general ones. */
  readonly settings?: SettingNames | undefined;
  /** Where its token was, by the name of a setting or variable; undefined where that is not known. */
  readonly tokenSource?: string | undefined;
}

/** A failed call to the Ona API. */
export class OnaError extends ExpectedError {
  // Everything but message and stack is read from here by getters: a program that ends with this error then prints its message and no object.
  readonly #facts: OnaErrorFacts;

  constructor(facts: OnaErrorFacts) {
    super(describe(facts));
    this.#facts = facts;
  }

  override get name(): string {
    return "OnaError";
  }

  /** The call that failed: `CreateWarmPool`. */
  get rpc(): string {
    return this.#facts.rpc;
  }

  /** The Connect code; for answers without one, the code that the Connect protocol derives from the HTTP status. */
  get code(): ConnectCode {
    return this.#facts.code;
  }

  /** Who produced the error. */
  get origin(): ErrorOrigin {
    return this.#facts.origin;
  }

  /** What the API (or the network) said, printable. */
  get detail(): string {
    return sanitize(this.#facts.detail);
  }

  get httpStatus(): number | undefined {
    return this.#facts.httpStatus;
  }

  /** What a rate limit told us about sending again. */
  get retry(): RetryAdvice {
    return this.#facts.retry ?? { kind: "unsaid" };
  }

  /** How often it was tried. */
  get attempts(): number {
    return this.#facts.attempts ?? 1;
  }

  /** Text for people that the API attached, printable. */
  get userMessage(): string | undefined {
    return this.#facts.userMessage === undefined ? undefined : sanitize(this.#facts.userMessage);
  }

  /** False when the request certainly never left. */
  get sent(): boolean {
    return this.#facts.sent ?? true;
  }

  /** The same error after a number of attempts. */
  after(attempts: number): OnaError {
    return new OnaError({ ...this.#facts, attempts });
  }

  /** The same error of a call that was made with such settings, and with a token from there. */
  with(settings: SettingNames | undefined, tokenSource?: string): OnaError {
    return new OnaError({ ...this.#facts, settings, tokenSource });
  }

  /** The error of another call that was not sent because of this one. */
  insteadOf(rpc: string): OnaError {
    const detail = `not sent, since other calls were refused: ${this.#facts.detail}`;
    return new OnaError({ ...this.#facts, rpc, detail, attempts: 1, sent: false });
  }
}

/** True for the one answer that means an object does not exist: a Connect error `not_found` from the API itself. */
export function isNotFound(error: unknown): boolean {
  return error instanceof OnaError && error.origin === "api" && error.code === "not_found";
}

/** What the API answered, or undefined where it says that there is no such object. */
export async function ignoreNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Codes after which it is not known whether a request had an effect; every other code means that it had none. */
const undecided: ReadonlySet<ConnectCode> = new Set<ConnectCode>([
  "canceled",
  "unknown",
  "deadline_exceeded",
  "aborted",
  "internal",
  "unavailable",
  "data_loss",
]);

/** The statuses of whoever answered instead of the API that mean that a request got no further: method refused, log in to the proxy, too many requests. */
const gotNoFurther: ReadonlySet<number> = new Set([405, 407, 429]);

/** Whether an answer that is no Connect error means too many requests: it was refused before anything was done. */
export function isLimitedOnTheWay({ origin, httpStatus }: OnaError): boolean {
  return origin === "http" && httpStatus === 429;
}

/** Whether a request that failed so may have had its effect all the same, so that one has to look. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (!(error instanceof OnaError)) return false;
  switch (error.origin) {
    case "network":
      return error.sent;
    case "timeout":
    case "unreadable":
    case "cancelled":
      return true;
    case "redirect":
    case "certificate":
      return false;
    case "http":
      return undecided.has(error.code) && !gotNoFurther.has(error.httpStatus ?? 0);
    case "api":
      return undecided.has(error.code);
  }
}

/** Whether whoever answered instead of the API will do so until somebody changes the address or the proxy. */
function isSetUpWrong(httpStatus: number | undefined): boolean {
  return httpStatus === 405 || httpStatus === 407;
}

/** Whether the same read may well succeed later without anybody doing anything. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof OnaError) || ["redirect", "certificate", "cancelled"].includes(error.origin)) return false;
  if (error.origin === "http" && isSetUpWrong(error.httpStatus)) return false;
  return undecided.has(error.code) || error.code === "resource_exhausted";
}

/**
 * The Connect code for an HTTP status without a Connect error in the body.
 * Source: the Connect protocol's table "HTTP to error code".
 */
export function codeOfHttpStatus(status: number): ConnectCode {
  switch (status) {
    case 400:
      return "internal";
    case 401:
      return "unauthenticated";
    case 403:
      return "permission_denied";
    case 404:
      return "unimplemented";
    case 429:
    case 502:
    case 503:
    case 504:
      return "unavailable";
    default:
      return "unknown";
  }
}

function describe(facts: OnaErrorFacts): string {
  const said = [sanitize(facts.detail), facts.userMessage === undefined ? "" : sanitize(facts.userMessage)]
    .filter((text, index, all) => text !== "" && all.indexOf(text) === index)
    .map((text) => text.replace(/\.$/, ""))
    .join(". ");
  const attempts = facts.attempts !== undefined && facts.attempts > 1 ? ` (tried ${facts.attempts} times)` : "";
  const next = facts.rpc === logCall ? logAdvice(facts) : advice(facts);
  const { connection } = facts.settings ?? {};
  const over = connection === undefined ? "" : ` over the connection ${sanitize(JSON.stringify(connection))}`;
  return `${facts.rpc}${over}: ${subject(facts)}${said === "" ? "" : `: ${said}`}${attempts}${next === "" ? "" : `. ${next}`}`;
}

function subject(facts: OnaErrorFacts): string {
  const api = facts.rpc === logCall ? "the log's server" : "the Ona API";
  switch (facts.origin) {
    case "api":
      return `${api} answered ${facts.code}`;
    case "http":
      return `HTTP ${facts.httpStatus} without an error from ${api} (${facts.code})`;
    case "network":
      return `no connection to ${api}, or it broke`;
    case "certificate":
      return `the certificate of ${api} was refused`;
    case "timeout":
      return `${api} did not answer in time`;
    case "unreadable":
      return "the answer could not be read";
    case "redirect":
      return `${api} redirected the call`;
    case "cancelled":
      return "the call was stopped";
  }
}

/** What a person can do next about a log, whose address and token are not theirs to set. */
function logAdvice({ origin, code, httpStatus, retry }: OnaErrorFacts): string {
  if (origin === "redirect") return "The log's token is sent to no other address than the one that the API gave";
  if (origin === "network") return "Check the network between here and the address of the log";
  if (origin === "certificate")
    return "If your network has its own certificate authority, name its file in NODE_EXTRA_CA_CERTS";
  if (origin === "timeout") return "Try again, or raise ona:requestTimeout";
  if (origin === "http" && httpStatus === 407) return proxyAdvice;
  if (code === "unauthenticated" || code === "permission_denied")
    return "The log's token ran out, or does not open this log";
  return code === "resource_exhausted" && retry?.kind === "after"
    ? `The server asked to wait ${formatDuration(retry.milliseconds)} before the next try`
    : "";
}

/** What a person can do next about whoever answered instead of the API, where the status says it. */
function adviceAboutPage(
  httpStatus: number | undefined,
  retry: RetryAdvice | undefined,
  address: string,
): string | undefined {
  if (httpStatus === 404) return `This is no answer of the API about the object: ${address}`;
  if (httpStatus === 405) return `This address takes no calls of the API, and nothing was done: ${address}`;
  if (httpStatus === 407) return proxyAdvice;
  if (retry?.kind === "after") {
    return `Whoever answered instead of the API asked to wait ${formatDuration(retry.milliseconds)} before the next try`;
  }
  return httpStatus === 429
    ? "Something between here and the API lets no more requests through at the moment: try again later"
    : undefined;
}

/** What a person can do next about a token. One from the environment is read anew by each command, one from config is not. */
function adviceAboutToken({ config, variable }: SettingNames["apiKey"], source = `${config} or ${variable}`): string {
  const check = `Check the token in ${source}: it is unknown, expired or revoked`;
  if (!source.startsWith(config)) {
    return `${check}. Give a new one there; one in ${config} is seen by \`pulumi refresh\` and \`pulumi destroy\` after the next \`up\`, or with --run-program`;
  }
  return (
    `${check}. \`pulumi refresh\` and \`pulumi destroy\` use the ` +
    `configuration that the last \`pulumi up\` stored: give a new token in ${variable} and remove ${config}, or add --run-program`
  );
}

/** What a call that is told that there is no such thing was about. */
function adviceAboutAbsence(rpc: string): string {
  if (rpc === "GetPrebuild" || rpc === "CreatePrebuildLogsToken") return removedByAge;
  if (rpc === "CreatePrebuild" || rpc === "CreateWarmPool")
    return "Check projectId and environmentClassId, and that the token belongs to their organization";
  return "";
}

const proxyAdvice =
  "The proxy wants to know who asks, and let nothing through: put user and password into its address, HTTPS_PROXY=http://user:password@host:port";

/** What a person can do next: one table for the whole API. */
function advice({
  rpc,
  origin,
  code,
  httpStatus,
  retry,
  isPage,
  tokenSource,
  settings = generalNames,
}: OnaErrorFacts): string {
  const baseUrl = `${settings.baseUrl.config} (or ${settings.baseUrl.variable})`;
  if (origin === "redirect") {
    return `Set ${baseUrl} to the address that the API has now, if you trust it. If that is where a proxy asks people to log in (SSO), have it let calls of the API through`;
  }
  if (origin === "network") return `Check ${baseUrl} and the network between here and there`;
  if (origin === "certificate") {
    return `If your network has its own certificate authority, name its file in NODE_EXTRA_CA_CERTS; otherwise check ${baseUrl}`;
  }
  if (origin === "timeout") return "Try again, or raise ona:requestTimeout";
  const address = `check that ${baseUrl} is right; it usually ends in /api`;
  if (isPage)
    return `This certainly does not come from the API: ${address}. It may also be where a network or proxy asks people to log in`;
  if (origin === "http") {
    const next = adviceAboutPage(httpStatus, retry, address);
    if (next !== undefined) return next;
  }
  switch (code) {
    case "unauthenticated":
      return adviceAboutToken(settings.apiKey, tokenSource);
    case "permission_denied":
      return "The token may be read-only or lack access to the project, or the organization's plan may not include this (warm pools need Enterprise)";
    case "resource_exhausted":
      return retry?.kind === "after"
        ? `The API asked to wait ${formatDuration(retry.milliseconds)} before the next try`
        : "This is a quota, not a rate: sending again does not help until something is released or the quota is raised";
    case "unavailable":
      return "The API may be down or busy: try again";
    case "unimplemented":
      return `Check that ${baseUrl} is the address of an Ona API that has this call`;
    case "failed_precondition":
      return "Check that prebuilds are enabled on the project and that its prebuild configuration contains the environment class";
    case "not_found":
      return adviceAboutAbsence(rpc);
    case "canceled":
    case "unknown":
    case "invalid_argument":
    case "deadline_exceeded":
    case "already_exists":
    case "aborted":
    case "out_of_range":
    case "internal":
    case "data_loss":
      return "";
  }
}
