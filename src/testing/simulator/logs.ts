// The log URLs: live logs during a run, archived ones afterwards, opened by a token that lives one hour.
import type { IncomingMessage, ServerResponse } from "node:http";
import { bearerToken } from "./auth.js";
import { newSecret } from "./ids.js";
import type { Prebuilds } from "./prebuilds.js";
import type { World } from "./world.js";

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
export function logPath(path: string): { kind: "logs" | "archive"; prebuildId: string } | undefined {
  const match = /^\/(logs|archive)\/([0-9a-f-]{36})$/.exec(path);
  if (match?.[2] === undefined) return undefined;
  return { kind: match[1] === "logs" ? "logs" : "archive", prebuildId: match[2] };
}

/** Answers a request for logs; live ones follow the run until it ends. */
export function serveLogs(
  state: { world: World; prebuilds: Prebuilds; logTokens: LogTokens },
  target: { kind: "logs" | "archive"; prebuildId: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { world, prebuilds, logTokens } = state;
  const { kind, prebuildId } = target;
  if (!logTokens.opens(bearerToken(request.headers.authorization), prebuildId)) {
    return plain(response, 401, "the token does not open these logs\n");
  }
  const read = () => {
    world.settle();
    return prebuilds.log(prebuildId);
  };
  const first = readOrNothing(read);
  if (first === undefined || (kind === "archive" && !first.complete)) return plain(response, 404, "no such logs\n");
  const follows = kind === "logs" && !first.complete && world.unknowns.liveLogs === "follow";
  if (!follows) return plain(response, 200, first.text);
  response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
  response.flushHeaders();
  if (first.text !== "") response.write(first.text);
  follow(world, response, first.text.length, read);
}

function follow(
  world: World,
  response: ServerResponse,
  start: number,
  read: () => { text: string; complete: boolean },
): void {
  let sent = start;
  const stop = () => {
    unsubscribe();
    clearInterval(timer);
  };
  const look = () => {
    const log = readOrNothing(read);
    if (log !== undefined && log.text.length > sent) {
      response.write(log.text.slice(sent));
      sent = log.text.length;
    }
    if (log !== undefined && !log.complete) return;
    stop();
    response.end();
  };
  const unsubscribe = world.clock.onMove(look);
  const timer = world.clock.kind === "real" ? setInterval(look, 250) : undefined;
  timer?.unref();
  response.on("close", stop);
}

function readOrNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(text);
}
