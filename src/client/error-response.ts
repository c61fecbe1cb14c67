/** Responses that are errors: Connect errors with their details, and pages of a proxy or gateway in between. */
import type { IncomingHttpHeaders } from "node:http";
import { maxSecretLength, tryParseJson } from "../util/text.js";
import { codeOfHttpStatus, connectCodes, OnaError, type OnaErrorFacts, type RetryAdvice } from "./errors.js";
import { readFields } from "./protobuf.js";
import { type Clean, connectError, type ConnectErrorDetail } from "./schemas.js";

/** A response without its body. */
type ResponseHead = Readonly<{ status: number; headers: IncomingHttpHeaders }>;

/**
 * Returns the error that a response stands for.
 * @param now our clock in milliseconds since 1970, for a response that names a moment and does not say what time it is
 */
export function errorResponse(
  rpc: string,
  { status, headers }: ResponseHead,
  text: string,
  clean: Clean,
  now: number,
): OnaError {
  const facts = connectFacts(text, headers) ?? {
    code: codeOfHttpStatus(status),
    origin: "http" as const,
    detail: summarizePage(text, headers, clean),
    // Only these statuses define Retry-After (RFC 9110, 10.2.3 and RFC 6585, 4).
    retry: status === 429 || status === 503 ? retryAfter(headers, now) : unspecified,
  };
  return new OnaError({ ...facts, rpc, httpStatus: status });
}

/**
 * Returns the error of a successful response whose body is not JSON. It may be from the API unless it is an HTML page.
 */
export function notJson(rpc: string, { status, headers }: ResponseHead, text: string, clean: Clean): OnaError {
  const facts = { rpc, code: "internal", origin: "unreadable", httpStatus: status } as const;
  if (text === "") return new OnaError({ ...facts, detail: "an empty body" });
  if (!isHtml(text, headers)) return new OnaError({ ...facts, detail: "the body is not JSON" });
  const summary = summarizePage(text, headers, clean);
  return new OnaError({ ...facts, isPage: true, detail: summary === htmlPage ? summary : `${htmlPage}: ${summary}` });
}

/** Reads a Connect error. Returns undefined if the body is not one. */
function connectFacts(text: string, headers: IncomingHttpHeaders): Omit<OnaErrorFacts, "rpc"> | undefined {
  const { data } = connectError.safeParse(tryParseJson(text));
  const code = connectCodes.find((each) => each === data?.code);
  if (data === undefined || code === undefined) return undefined;
  const { message: detail, details } = data;
  const retry = readRetryInfo(details) ?? parseSeconds(headers["ratelimit-retryafter"]);
  return { code, origin: "api", detail, retry, userMessage: readUserMessage(details) };
}

const readDetail = (base64: string) => readFields(Buffer.from(base64, "base64"));

/** Reads `google.rpc.RetryInfo`, if any. Without a positive delay it forbids a retry, as for the vendor's clients. */
function readRetryInfo(details: readonly ConnectErrorDetail[]): RetryAdvice | undefined {
  const infos = details.filter(({ type }) => type === "google.rpc.RetryInfo");
  if (infos.length === 0) return undefined;
  const delays = infos.map(({ value }) => {
    const delay = readDetail(value).get(1);
    return delay instanceof Uint8Array ? readDuration(delay) : 0;
  });
  const milliseconds = Math.max(...delays);
  return milliseconds > 0 ? { kind: "after", milliseconds } : { kind: "never" };
}

/** Reads the message for users in `gitpod.v1.ActionableErrorDetails` (field 2, user_message). */
function readUserMessage(details: readonly ConnectErrorDetail[]): string | undefined {
  return details
    .filter(({ type }) => type === "gitpod.v1.ActionableErrorDetails")
    .map(({ value }) => readDetail(value).get(2))
    .filter((field) => field instanceof Uint8Array)
    .map((field) => Buffer.from(field).toString("utf8"))
    .find((text) => text !== "");
}

/** Reads the milliseconds of a `google.protobuf.Duration` (field 1 seconds, field 2 nanoseconds). */
function readDuration(bytes: Uint8Array): number {
  const fields = readFields(bytes);
  const numberOf = (field = 0n as bigint | Uint8Array) => (typeof field === "bigint" ? Number(field) : 0);
  return numberOf(fields.get(1)) * 1_000 + numberOf(fields.get(2)) / 1e6;
}

const unspecified: RetryAdvice = { kind: "unsaid" };

/** Reads the header `RateLimit-RetryAfter`: whole seconds. */
function parseSeconds(header: string | string[] | undefined): RetryAdvice {
  return typeof header === "string" && /^\d+$/.test(header) ? after(Number(header) * 1_000) : unspecified;
}

/** Reads the header `Retry-After`: whole seconds, or a date, which counts from the same response's `Date`. */
function retryAfter(headers: IncomingHttpHeaders, now: number): RetryAdvice {
  const moment = parseDate(headers["retry-after"]);
  return moment === undefined
    ? parseSeconds(headers["retry-after"])
    : after(moment - (parseDate(headers["date"]) ?? now));
}

/** Parses a date in HTTP as milliseconds since 1970. `Date.parse` alone also accepts decimals and more. */
function parseDate(header: string | string[] | undefined): number | undefined {
  const time = typeof header === "string" && /^[A-Z][a-z]+, .+ GMT$/.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function after(milliseconds: number): RetryAdvice {
  return milliseconds > 0 && Number.isSafeInteger(milliseconds) ? { kind: "after", milliseconds } : unspecified;
}

/** The summary of a page without text. */
const htmlPage = "an HTML page";
/** How much of a page's text an error repeats, in characters. */
const maxSummaryLength = 200;
/** How much of a page is searched, in characters. Its title and first text come sooner. */
const maxSearchedLength = 65_536;

function isHtml(text: string, headers: IncomingHttpHeaders): boolean {
  return (
    /^(?:text\/html|application\/xhtml\+xml)\b/i.test(String(headers["content-type"] ?? "")) ||
    /^\s*<[a-z!?]/i.test(text)
  );
}

/** Returns the title of a page, else the start of its text. */
function summarizePage(text: string, headers: IncomingHttpHeaders, clean: Clean): string {
  if (text.trim() === "" || !isHtml(text, headers)) {
    // Six characters may stand for one.
    return clean(decodeJsonEscapes(text.slice(0, 6 * maxSearchedLength + 6)), maxSummaryLength);
  }
  const isCut = text.length > maxSearchedLength;
  const start = text.slice(0, maxSearchedLength);
  const [, title = ""] = /<title[^<>]*>([^<]{1,200})<\/title>/i.exec(start) ?? [];
  // Roughly what a browser would show.
  const visible = start.replace(invisible, " ").replace(tag, " ");
  const texts = [title, visible].map((html) => {
    const shown = decodeEntities(html).replace(/\s+/g, " ");
    // The end of a page that was cut may be half a token.
    return clean(isCut && html === visible ? shown.slice(0, -2 * maxSecretLength) : shown, maxSummaryLength);
  });
  return texts.find((each) => each !== "") ?? htmlPage;
}

// An element that is not closed ends with the page, so that each pattern reads the page once.
const invisible = /<!--.*?(?:-->|$)|<(script|style|template|svg|title)\b.*?(?:<\/\1\s*>|$)/gis;
const tag = /<[a-z/!?][^>]*(?:>|$)/gi;

/** Decodes escapes such as `\u0061`, in which JSON may hide what the rest of the text says. */
function decodeJsonEscapes(text: string): string {
  return text.replace(/\\u([\da-f]{4})/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** Replaces the entities that English pages use. */
function decodeEntities(html: string): string {
  return html.replace(
    /&(?:#(\d{1,6})|#x([\da-f]{1,5})|([a-z]+));/gi,
    (entity, decimal?: string, hex?: string, name?: string) =>
      name === undefined
        ? String.fromCodePoint(decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal))
        : (entities[name.toLowerCase()] ?? entity),
  );
}
