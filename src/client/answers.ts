/** Answers that are errors: Connect's, with what its details say of sending again, and pages of whoever else answered. */
import { retryInfo, userMessage } from "./details.js";
import {
  codeOfHttpStatus,
  type ConnectCode,
  connectCodes,
  OnaError,
  type OnaErrorFacts,
  type RetryAdvice,
} from "./errors.js";
import { connectError } from "./schemas.js";

/** The error that an answer is: what the API says, or whoever answered instead of it. */
export function errorAnswer(
  rpc: string,
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
export function scrub(said: string, token: string): string {
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
