/**
 * Serves the log URLs: live logs during a run and archived logs afterwards, with a token that is valid for one hour.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { bearerToken } from "./access-control.js";
import { answerWithoutCall, errorAnswer, errorOf } from "./fault-effects.js";
import { type Faults, logUrl, type Strike } from "./faults.js";
import { newSecret } from "./ids.js";
import type { Prebuilds } from "./prebuilds.js";
import { RequestEntry, type RequestLog } from "./request-log.js";
import { type HttpAnswer, reset, send, write } from "./send-response.js";
import type { World } from "./world.js";

/** The state that logs are served from. */
export interface LogState {
  world: World;
  prebuilds: Prebuilds;
  logTokens: LogTokens;
  faults: Faults;
  requests: RequestLog;
}

/** The log that a URL names. */
export interface LogTarget {
  kind: "logs" | "archive";
  prebuildId: string;
}

/** What a run has logged so far, and whether that is everything. */
interface Log {
  text: string;
  complete: boolean;
}

/** The tokens for logs. */
export class LogTokens {
  readonly #world: World;
  readonly #tokens = new Map<string, { prebuildId: string; validUntil: number }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Issues a token for the logs of one prebuild. */
  issue(prebuildId: string): string {
    const token = newSecret("ona_sim_logs");
    this.#tokens.set(token, { prebuildId, validUntil: this.#world.events.now + this.#world.timings.logsToken });
    return token;
  }

  /** Whether the token is valid for the logs of that prebuild now. */
  isValid(token: string | undefined, prebuildId: string): boolean {
    const found = token === undefined ? undefined : this.#tokens.get(token);
    return found?.prebuildId === prebuildId && this.#world.events.now < found.validUntil;
  }
}

/** The log at a path. */
export function logPath(path: string): LogTarget | undefined {
  const match = /^\/(logs|archive)\/([0-9a-f-]{36})$/.exec(path);
  if (match?.[2] === undefined) return undefined;
  return { kind: match[1] === "logs" ? "logs" : "archive", prebuildId: match[2] };
}

/** Serves a request for a log. A live log follows the run until it ends. */
export async function serveLogs(
  state: LogState,
  target: LogTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults, requests } = state;
  world.catchUp();
  const strike = faults.next(logUrl, world.events.now);
  const entry = new RequestEntry(world.events.now, request);
  requests.add(entry);
  entry.fault = strike?.kind;
  if (strike?.hang === "before") return;
  if (strike?.reset === "before") return reset(request);
  const early =
    strike && (answerWithoutCall(strike, request.url ?? "") ?? (strike.error && errorAnswer(errorOf(strike.error))));
  if (early !== undefined) {
    entry.status = early.status;
    entry.code = strike?.error?.code;
    return send(response, early, undefined);
  }
  const read = () => readLog(state, target.prebuildId);
  const found = findLog(state, target, bearerToken(request.headers.authorization), read());
  entry.status = found.status;
  if (found.from === undefined) return send(response, plainText(found.status, found.text), strike);
  response.writeHead(200, plainText(200, "").headers);
  response.flushHeaders();
  follow(world, response, { from: found.from, read, strike });
}

/** What a request for a log gets: a text, or the position from which to follow the log. */
function findLog(
  { world, logTokens }: LogState,
  { kind, prebuildId }: LogTarget,
  token: string | undefined,
  log: Log | undefined,
): { status: number; text: string; from?: number } {
  if (!logTokens.isValid(token, prebuildId)) return { status: 401, text: "the token is not valid for these logs\n" };
  if (log === undefined || (kind === "archive" && !log.complete)) return { status: 404, text: "logs not found\n" };
  const { liveLogs } = world.unknowns;
  const fromNow = kind === "logs" && liveLogs === "fromNow";
  const text = fromNow ? "" : log.text;
  if (kind === "archive" || log.complete || liveLogs === "soFar") return { status: 200, text };
  return { status: 200, text, from: fromNow ? log.text.length : 0 };
}

/** Sends a log from a position on, and what is added to it until the run ends. */
function follow(
  world: World,
  response: ServerResponse,
  { from, read, strike }: { from: number; read: () => Log | undefined; strike: Strike | undefined },
): void {
  let sent = from;
  let fault = strike;
  let open = Promise.resolve(true);
  const stop = () => {
    unsubscribe();
    clearInterval(timer);
  };
  const sendNews = () => {
    const log = read();
    const text = log?.text.slice(sent) ?? "";
    sent += text.length;
    const isOver = log === undefined || log.complete;
    if (isOver) stop();
    if (text === "" && !isOver) return;
    // The fault applies to the first text that is sent.
    const struck = fault;
    fault = undefined;
    open = open.then(async (isOpen) => {
      if (!isOpen || !(await write(response, Buffer.from(text), struck))) return false;
      if (isOver) response.end();
      return !isOver;
    });
  };
  const unsubscribe = world.clock.onMove(sendNews);
  const timer = world.clock.kind === "real" ? setInterval(sendNews, 250) : undefined;
  timer?.unref();
  response.on("close", stop);
  sendNews();
}

function readLog({ world, prebuilds }: LogState, prebuildId: string): Log | undefined {
  world.catchUp();
  try {
    return prebuilds.log(prebuildId);
  } catch {
    return undefined;
  }
}

function plainText(status: number, text: string): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: Buffer.from(text) };
}
