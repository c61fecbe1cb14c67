// The log URLs: live logs during a run, archived ones afterwards, opened by a token that lives one hour.
import type { IncomingMessage, ServerResponse } from "node:http";
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { bearerToken } from "./access-control.js";
import type { Answer } from "./fault-effects.js";
import { errorOf } from "./fault-error.js";
import { type Faults, logUrl, type Strike } from "./faults.js";
import { newSecret } from "./ids.js";
import type { Prebuilds } from "./prebuilds.js";
import { OpenLogEntry, type RequestLog } from "./request-log.js";
import { answerWithoutCall, pour, reset, send } from "./send-response.js";
import type { World } from "./world.js";

/** What logs are answered from. */
export interface LogState {
  world: World;
  prebuilds: Prebuilds;
  logTokens: LogTokens;
  faults: Faults;
  requests: RequestLog;
}

/** A log URL: live during the run, the archive afterwards. */
export interface LogTarget {
  kind: "logs" | "archive";
  prebuildId: string;
}

/** What a run has logged until now, and whether that is all. */
interface Log {
  text: string;
  complete: boolean;
}

/** The tokens that open logs. */
export class LogTokens {
  private readonly tokens = new Map<string, { prebuildId: string; until: number }>();

  constructor(private readonly world: World) {}

  /** A new token for one prebuild's logs. */
  issue(prebuildId: string): string {
    const token = newSecret("ona_sim_logs");
    this.tokens.set(token, { prebuildId, until: this.world.agenda.now + this.world.timings.logsToken });
    return token;
  }

  /** Whether the token opens that prebuild's logs now. */
  opens(token: string | undefined, prebuildId: string): boolean {
    const found = token === undefined ? undefined : this.tokens.get(token);
    return found?.prebuildId === prebuildId && this.world.agenda.now < found.until;
  }
}

/** The prebuild whose logs a path names. */
export function logPath(path: string): LogTarget | undefined {
  const match = /^\/(logs|archive)\/([0-9a-f-]{36})$/.exec(path);
  if (match?.[2] === undefined) return undefined;
  return { kind: match[1] === "logs" ? "logs" : "archive", prebuildId: match[2] };
}

/** Answers a request for logs; live ones follow the run until it ends. */
export async function serveLogs(
  state: LogState,
  target: LogTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults, requests } = state;
  world.settle();
  const strike = faults.next(logUrl, world.agenda.now);
  const entry = new OpenLogEntry(world.agenda.now, request);
  requests.add(entry);
  entry.fault = strike?.kind;
  if (strike?.hang === "before") return;
  if (strike?.reset === "before") return reset(request);
  const early = strike && (answerWithoutCall(strike, request.url ?? "") ?? errorAnswer(strike));
  if (early !== undefined) {
    entry.status = early.status;
    entry.code = strike?.error?.code;
    return send(response, early, undefined);
  }
  const read = () => readLog(state, target.prebuildId);
  const found = find(state, target, bearerToken(request.headers.authorization), read());
  entry.status = found.status;
  if (found.from === undefined) return send(response, plain(found.status, found.text), strike);
  response.writeHead(200, plain(200, "").headers);
  response.flushHeaders();
  follow(world, response, { from: found.from, read, strike });
}

/** What a request for logs finds: a text, or the place in a log from which it is to be followed. */
function find(
  { world, logTokens }: LogState,
  { kind, prebuildId }: LogTarget,
  token: string | undefined,
  log: Log | undefined,
): { status: number; text: string; from?: number } {
  if (!logTokens.opens(token, prebuildId)) return { status: 401, text: "the token does not open these logs\n" };
  if (log === undefined || (kind === "archive" && !log.complete)) return { status: 404, text: "no such logs\n" };
  const { liveLogs } = world.unknowns;
  const fromNow = kind === "logs" && liveLogs === "fromNow";
  const text = fromNow ? "" : log.text;
  if (kind === "archive" || log.complete || liveLogs === "soFar") return { status: 200, text };
  return { status: 200, text, from: fromNow ? log.text.length : 0 };
}

/** Sends a log from a place on, and what is added to it, until the run has ended. */
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
  const look = () => {
    const log = read();
    const text = log?.text.slice(sent) ?? "";
    sent += text.length;
    const isOver = log === undefined || log.complete;
    if (isOver) stop();
    if (text === "" && !isOver) return;
    // A fault is for the first text that there is.
    const struck = fault;
    fault = undefined;
    open = open.then(async (isOpen) => {
      if (!isOpen || !(await pour(response, Buffer.from(text), struck))) return false;
      if (isOver) response.end();
      return !isOver;
    });
  };
  const unsubscribe = world.clock.onMove(look);
  const timer = world.clock.kind === "real" ? setInterval(look, 250) : undefined;
  timer?.unref();
  response.on("close", stop);
  look();
}

function readLog({ world, prebuilds }: LogState, prebuildId: string): Log | undefined {
  world.settle();
  try {
    return prebuilds.log(prebuildId);
  } catch {
    return undefined;
  }
}

/** The Connect error that a fault wants instead of a log. */
function errorAnswer(strike: Strike): Answer | undefined {
  if (strike.error === undefined) return undefined;
  const error = errorOf(strike.error);
  const headers = { ...Object.fromEntries(error.metadata), "content-type": "application/json" };
  return {
    status: codeToHttpStatus(error.code),
    headers,
    body: Buffer.from(JSON.stringify(errorToJson(error, undefined))),
  };
}

function plain(status: number, text: string): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: Buffer.from(text) };
}
