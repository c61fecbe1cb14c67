/** The log of a prebuild: one GET of its address with the log's own token, given as text while it comes. */
import { isSecureUrl } from "../util/secure-url.js";
import { errorAnswer } from "./error-response.js";
import { logCall, OnaError } from "./errors.js";
import { type Connections, failureOnTheWay, type HttpAnswer, readBody, type TimeLimit, withinTime } from "./http.js";

/** The most that is read of one answer: 64 MiB. */
export const mostLogBytes = 64 * 1024 * 1024;

/**
 * Reads a log from the answer to one request. Live logs may be silent for as long as they like: only the headers have to come within the time for a request.
 * @param logUrl what the API says of a prebuild (`status.log_url`), an address that is not trusted with more than the log's token
 * @param signal ends the reading at any time
 * @throws OnaError whatever goes wrong
 */
export async function* readLog(
  connections: Connections,
  limit: TimeLimit,
  logUrl: string,
  accessToken: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  const body = await withinTime(logCall, limit, signal, async (stop) => {
    const request = { rpc: logCall, method: "GET", url: logUrl, token: accessToken } as const;
    const answer = await connections.open({ ...request, headers: { "accept-encoding": "identity" } }, stop);
    if (answer.status !== 200 && answer.status !== 204) {
      const text = await readBody(logCall, answer.body, answer.status);
      throw errorAnswer(logCall, answer.status, text, answer.headers, accessToken, limit.clock.wall());
    }
    const strange = strangeness(answer);
    if (strange === undefined) return answer.body;
    answer.body.on("error", () => undefined).destroy();
    throw unreadable(strange, answer.status);
  });
  const decoder = new TextDecoder();
  let size = 0;
  try {
    const stream: AsyncIterable<Buffer> = body;
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > mostLogBytes) throw unreadable(`the log is larger than ${mostLogBytes} bytes`, 200);
      const text = decoder.decode(chunk, { stream: true });
      if (text !== "") yield text;
    }
  } catch (error) {
    throw failureOnTheWay(logCall, error, signal);
  }
  const rest = decoder.decode();
  if (rest !== "") yield rest;
}

/**
 * Checks what a log is to be read with, before anything is sent.
 * @returns the address without a fragment, which is not sent
 * @throws OnaError for an address that the token must not be sent to
 */
export function checkedLogUrl(logUrl: string, accessToken: string): string {
  if (!URL.canParse(logUrl)) throw unreadable("the API gave an address of the log that is no URL");
  const url = new URL(logUrl);
  if (url.username !== "" || url.password !== "") {
    throw unreadable(`the API gave an address of the log with a user in it, at ${url.origin}`);
  }
  if (!isSecureUrl(url)) {
    const begin = url.origin === "null" ? url.protocol : url.origin;
    throw unreadable(`the API gave an address of the log that is not https (${begin}): the token would be readable`);
  }
  if (!/^[\x21-\x7e]+$/.test(accessToken)) {
    throw unreadable("the API gave a token for the log that has blanks or characters that cannot be sent");
  }
  return `${url.origin}${url.pathname}${url.search}`;
}

/** Why an answer is no log, though it is no error either. */
function strangeness({ headers }: HttpAnswer): string | undefined {
  if (/^text\/html\b/i.test(String(headers["content-type"] ?? ""))) return "an HTML page in place of the log";
  const encoding = String(headers["content-encoding"] ?? "identity");
  return encoding === "identity" ? undefined : `the log is encoded as ${encoding}, which was not asked for`;
}

function unreadable(detail: string, httpStatus?: number): OnaError {
  const facts = { rpc: logCall, code: "internal", origin: "unreadable", detail } as const;
  return new OnaError(httpStatus === undefined ? { ...facts, sent: false } : { ...facts, httpStatus });
}
