/** Answers that are errors: Connect's, with what its details say of sending again, and pages of whoever else answered. */
import { truncate } from "../util/text.js";
import { retryInfo, userMessage } from "./error-details.js";
import {
  codeOfHttpStatus,
  type ConnectCode,
  connectCodes,
  OnaError,
  type OnaErrorFacts,
  type RetryAdvice,
} from "./errors.js";
import { connectError } from "./schemas.js";

type Headers = Record<string, string | string[] | undefined>;

/**
 * The error that an answer is: what the API says, or whoever answered instead of it.
 * @param now our clock, in milliseconds since 1970, for an answer that names a moment and does not say what time it has
 */
export function errorAnswer(
  rpc: string,
  httpStatus: number,
  text: string,
  headers: Headers,
  token: string,
  now: number,
): OnaError {
  const facts = connectFacts(text, headers) ?? {
    code: codeOfHttpStatus(httpStatus),
    origin: "http" as const,
    detail: pageWords(text, headers, token),
    retry: askedToComeBack.has(httpStatus) ? retryAfter(headers, now) : unsaid,
  };
  return new OnaError({
    ...facts,
    rpc,
    httpStatus,
    detail: scrub(facts.detail, token),
    ...(facts.userMessage === undefined ? {} : { userMessage: scrub(facts.userMessage, token) }),
  });
}

/** The error of an answer of success whose body is no message: it may have come from the API, unless it is a page for people. */
export function notJson(rpc: string, httpStatus: number, text: string, headers: Headers, token: string): OnaError {
  const facts = { rpc, code: "internal", origin: "unreadable", httpStatus } as const;
  if (text === "") return new OnaError({ ...facts, detail: "an empty body" });
  if (!isHtml(text, headers)) return new OnaError({ ...facts, detail: "the body is not JSON" });
  const words = pageWords(text, headers, token);
  return new OnaError({ ...facts, isPage: true, detail: words === htmlPage ? words : `${htmlPage}: ${words}` });
}

/** What a server said, without our token: one that repeats it must not make us print it. */
export function scrub(said: string, token: string): string {
  return said.replaceAll(token, "[token]");
}

/** The error that a body carries, if it is a Connect error. */
function connectFacts(text: string, headers: Headers): Omit<OnaErrorFacts, "rpc"> | undefined {
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

const unsaid: RetryAdvice = { kind: "unsaid" };

/** The advice of the header `RateLimit-RetryAfter`: whole seconds. */
function headerAdvice(header: Headers[string]): RetryAdvice {
  return typeof header === "string" && /^\d+$/.test(header) ? after(Number(header) * 1_000) : unsaid;
}

/** The statuses of a page whose header `Retry-After` says when to come back (RFC 9110, 10.2.3; RFC 6585, 4). */
const askedToComeBack: ReadonlySet<number> = new Set([429, 503]);

/** The advice of the header `Retry-After`: whole seconds, or a date, which counts from what the same answer says the time is. */
function retryAfter(headers: Headers, now: number): RetryAdvice {
  const header = headers["retry-after"];
  if (typeof header !== "string") return unsaid;
  const moment = dateOf(header);
  return moment === undefined ? headerAdvice(header) : after(moment - (dateOf(headers["date"]) ?? now));
}

/** The milliseconds since 1970 of a date in HTTP. `Date.parse` alone would take anything for one, decimals too. */
function dateOf(header: Headers[string]): number | undefined {
  const time = typeof header === "string" && /^[A-Z][a-z]+, .+ GMT$/.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function after(milliseconds: number): RetryAdvice {
  return milliseconds > 0 && Number.isSafeInteger(milliseconds) ? { kind: "after", milliseconds } : unsaid;
}

/** What is said of a page that has no words. */
const htmlPage = "an HTML page";

/** The most of a page's text that an error repeats, in characters. */
const mostWords = 200;

/** So much of a page is looked at, in characters; what it says to people comes sooner. */
const mostOfPage = 65_536;

/** Whether an answer is a page for people, by what it says of itself or by how it begins. */
export function isHtml(text: string, headers: Headers): boolean {
  return (
    /^(?:text\/html|application\/xhtml\+xml)\b/i.test(String(headers["content-type"] ?? "")) ||
    /^\s*<[a-z!?]/i.test(text)
  );
}

/** What an answer that is no message says of itself: the title of a page, else how its text begins. Our token is not in it. */
export function pageWords(text: string, headers: Headers, token: string): string {
  // Before anything is cut, since half a token is still a secret.
  const said = scrub(text, token).slice(0, mostOfPage);
  if (said.trim() === "" || !isHtml(text, headers)) return said.slice(0, mostWords);
  const [, title = ""] = /<title[^<>]*>([^<]{1,200})<\/title>/i.exec(said) ?? [];
  const words = [title, visibleText(said)].map((html) => scrub(decoded(html).replace(/\s+/g, " ").trim(), token));
  const [found] = words.filter((each) => each !== "");
  return found === undefined ? htmlPage : truncate(found, mostWords);
}

// What has no end counts to the end of the page, so that each of these reads it once.
const invisible = /<!--.*?(?:-->|$)|<(script|style|template|svg|title)\b.*?(?:<\/\1\s*>|$)/gis;
const tag = /<[a-z/!?][^>]*(?:>|$)/gi;

/** The text of a page that a browser would show, roughly. */
function visibleText(html: string): string {
  return html.replace(invisible, " ").replace(tag, " ");
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** A text with the characters that are written as entities, as far as English pages have them. */
function decoded(html: string): string {
  return html.replace(
    /&(?:#(\d{1,6})|#x([\da-f]{1,5})|([a-z]+));/gi,
    (entity, decimal?: string, hex?: string, name?: string) =>
      name === undefined
        ? String.fromCodePoint(decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal))
        : (entities[name.toLowerCase()] ?? entity),
  );
}
