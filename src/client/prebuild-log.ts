/** The log of a prebuild: one GET with the log's own token, read as text while it arrives. */
import { isSecureUrl, mayLeadTo, originOf } from "../util/secure-url.js";
import { errorResponse } from "./error-response.js";
import { logCall, OnaError } from "./errors.js";
import type { Clean } from "./schemas.js";
import { type HttpClient, type HttpResponse, readBody, readChunks, toOnaError } from "./http.js";

const maxLogBytes = 64 * 1024 * 1024;

/** Reads a log. Live logs may be silent for long, so only the headers have a timeout. Fails with an OnaError. */
export async function* readLog(
  http: HttpClient,
  logUrl: string,
  accessToken: string,
  clean: Clean,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  const log = await http.withTimeout(logCall, signal, async (stop) => {
    const request = { rpc: logCall, method: "GET", url: logUrl, token: accessToken } as const;
    const response = await http.open({ ...request, headers: { "accept-encoding": "identity" } }, stop);
    if (response.status !== 200 && response.status !== 204)
      throw errorResponse(logCall, response, await readBody(logCall, response), clean, http.clock.wall());
    const problem = findProblem(response);
    if (problem === undefined) return response;
    response.body.on("error", () => undefined).destroy();
    throw unreadable(problem, response.status);
  });
  const decoder = new TextDecoder();
  try {
    for await (const chunk of readChunks(logCall, log, maxLogBytes, "log")) {
      const text = decoder.decode(chunk, { stream: true });
      if (text !== "") yield text;
    }
  } catch (error) {
    throw toOnaError(logCall, error, signal);
  }
  const rest = decoder.decode();
  if (rest !== "") yield rest;
}

/**
 * Checks URL and token of a log before anything is sent. Returns the URL without its fragment.
 * @param baseUrl the address of the API that returned them
 */
export function checkLogUrl(logUrl: string, accessToken: string, baseUrl: string): string {
  if (!URL.canParse(logUrl)) throw unreadable("the API returned a log address that is not a URL");
  const url = new URL(logUrl);
  if (url.username !== "" || url.password !== "")
    throw unreadable(`the API returned a log address that contains a user, at ${originOf(url)}`);
  if (!isSecureUrl(url))
    throw unreadable(
      `the API returned a log address that is not https (${originOf(url)}), which would expose the token`,
    );
  if (!mayLeadTo(url, new URL(baseUrl)))
    throw unreadable(
      `the API returned a log address on this machine (${originOf(url)}), which is allowed only for an API on this machine`,
    );
  if (!/^[\x21-\x7e]+$/.test(accessToken))
    throw unreadable("the API returned a log token with whitespace or characters that cannot be sent");
  return `${url.origin}${url.pathname}${url.search}`;
}

/** Explains why a successful response is not a log. Returns undefined if it is one. */
function findProblem({ headers }: HttpResponse): string | undefined {
  if (/^text\/html\b/i.test(String(headers["content-type"] ?? ""))) return "an HTML page instead of the log";
  const encoding = String(headers["content-encoding"] ?? "identity");
  return encoding === "identity" ? undefined : `the log is encoded as ${encoding}, which was not requested`;
}

function unreadable(detail: string, httpStatus?: number): OnaError {
  const sent = httpStatus !== undefined;
  return new OnaError({ rpc: logCall, code: "internal", origin: "unreadable", detail, httpStatus, sent });
}
