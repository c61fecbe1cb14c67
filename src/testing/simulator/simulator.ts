/** A running simulator: the HTTP server and the levers. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AccessControl, type Plan } from "./access-control.js";
import { createClock, maxAdvanceMs, type Clock, type ClockKind } from "./clock.js";
import { Faults } from "./faults.js";
import { isLocal, maxHeaderBytes, refuseRequest, securityHeaders } from "./incoming-request.js";
import { checkWhole } from "./lever-numbers.js";
import { leverPath, leverServer } from "./lever-server.js";
import { Levers } from "./levers.js";
import { LogTokens, logPath, serveLogs } from "./log-server.js";
import { pageFile } from "./page-files.js";
import type { Timings } from "./phase-schedule.js";
import { Pools } from "./pools.js";
import { Prebuilds } from "./prebuilds.js";
import { RequestLog } from "./request-log.js";
import { apiPath } from "./rpc-names.js";
import { rpcServer, type RpcState } from "./rpc-server.js";
import type { ProjectOptions } from "./seed-projects.js";
import { Snapshots } from "./snapshots.js";
import type { Unknowns } from "./unknowns.js";
import { World } from "./world.js";

/** The options of {@link startSimulator}. */
export interface SimulatorOptions {
  /** Default: a free port. */
  port?: number | undefined;
  /**
   * Default: `virtual`, which stands still until it is moved. Pass the clock of another simulator to let both share one
   * time.
   */
  clock?: ClockKind | SimulatorClock | undefined;
  /** The time at which the clock starts. Default: the real time. */
  now?: number | Date | undefined;
  /** The token with full access. Default: a random one. */
  token?: string | undefined;
  /** Default: two projects with two classes each, whose ids are the same in every run. */
  projects?: ProjectOptions[] | undefined;
  /** Whether classes start with a completed prebuild, unless they say otherwise themselves. Default: true. */
  snapshots?: boolean | undefined;
  /** Answers to what the API's documentation leaves open. */
  unknowns?: Partial<Unknowns> | undefined;
  /** The UUID of the organization that owns everything. Default: the same in every run. */
  organizationId?: string | undefined;
  /** How long things take, in milliseconds. */
  timings?: Partial<Timings> | undefined;
  /** How many milliseconds each call moves the time ahead. Default: 0. */
  autoAdvance?: number | undefined;
  /** Default: enterprise. */
  plan?: Plan | undefined;
  /** How many requests to keep at least, newest first. Default: 10,000. */
  requestLimit?: number | undefined;
}

/** The time of a simulator. */
export interface SimulatorClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the time ahead, lets everything happen that is due, and returns the new time. */
  advance(ms: number): number;
  /** The URL at which other processes do the same: POST `{"advance": ms}`, which returns `{"now": ms}`. */
  url: string;
}

/** The clocks behind the public ones, for simulators that share a clock. */
const clocks = new WeakMap<SimulatorClock, Clock>();

/** A running simulator. */
export class Simulator extends Levers {
  /** A token with full access. */
  readonly token: string;
  /** A token for calls that change nothing. */
  readonly readOnlyToken: string;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The base URL of the API. RPCs are under `{url}/gitpod.v1.PrebuildService/`. */
  readonly url: string;
  /** What a program needs in its environment to use this API. */
  readonly env: { ONA_API_KEY: string; ONA_BASE_URL: string };
  readonly clock: SimulatorClock;
  readonly #close: () => Promise<void>;

  /** @internal */
  constructor(state: RpcState, options: SimulatorOptions, close: () => Promise<void>) {
    super(state);
    this.#close = close;
    const { world, access } = state;
    this.token = access.issue("full", options.token);
    this.readOnlyToken = access.issue("readOnly");
    this.origin = world.origin;
    this.url = `${world.origin}${apiPath}`;
    this.env = { ONA_API_KEY: this.token, ONA_BASE_URL: this.url };
    this.clock = {
      url: `${world.origin}${leverPath}/clock`,
      now: () => world.clock.now(),
      advance: (ms) => {
        const now = world.clock.advance(ms);
        world.catchUp();
        return now;
      },
    };
    clocks.set(this.clock, world.clock);
  }

  /** Stops the server and closes every connection, including those of calls that hang. */
  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** Starts a simulator on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { autoAdvance = 0, requestLimit = 10_000 } = options;
  checkWhole({ autoAdvance }, 0, maxAdvanceMs);
  checkWhole({ requestLimit }, 0, 1_000_000);
  const clock = clockOf(options);
  const server = createServer({ keepAliveTimeout: 120_000, maxHeaderSize: maxHeaderBytes });
  server.listen(options.port ?? 0, "127.0.0.1");
  await listening(server, options.port);
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const world = new World(clock, `http://127.0.0.1:${port}`, options);
  const snapshots = new Snapshots();
  const state: RpcState = {
    world,
    pools: new Pools(world, snapshots),
    prebuilds: new Prebuilds(world, snapshots),
    logTokens: new LogTokens(world),
    access: new AccessControl(options.plan ?? "enterprise"),
    faults: new Faults(),
    requests: new RequestLog(requestLimit),
    autoAdvance,
  };
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const simulator = new Simulator(state, options, close);
  server.on("request", requestHandler(state, simulator));
  return simulator;
}

function clockOf({ clock = "virtual", now }: SimulatorOptions): Clock {
  if (typeof clock === "string") return createClock(clock, now === undefined ? undefined : Number(now));
  const shared = clocks.get(clock);
  if (shared === undefined) throw new TypeError('clock must be "virtual", "real", or the clock of a running simulator');
  if (now !== undefined) throw new TypeError("now can't be set with the clock of another simulator: remove it");
  return shared;
}

async function listening(server: Server, port: number | undefined): Promise<void> {
  try {
    await once(server, "listening");
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw isTaken ? new Error(`port ${port} is in use`, { cause: error }) : error;
  }
}

/** Creates the handler that passes each request to the right server. */
function requestHandler(state: RpcState, levers: Levers): (request: IncomingMessage, response: ServerResponse) => void {
  const answerRpc = rpcServer(state);
  const answerLever = leverServer(levers, state);
  return (request, response) => {
    response.setHeader("Date", new Date(state.world.clock.now()).toUTCString());
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (!isLocal(request)) return refuseRequest(response, 403);
    const path = request.url?.split("?", 1)[0] ?? "";
    if (answerRpc(request, response, path)) return;
    if (path === leverPath || path.startsWith(`${leverPath}/`)) return answerLever(request, response, path);
    const logs = logPath(path);
    if (logs !== undefined) {
      return void serveLogs(state, logs, request, response).catch((reason: unknown) => {
        response.destroy(reason instanceof Error ? reason : undefined);
      });
    }
    const file = pageFile(path);
    if (file !== undefined) {
      response.writeHead(200, { "Content-Type": file.type });
      return void response.end(file.read());
    }
    response.writeHead(404, { "Content-Type": "text/html; charset=utf-8" });
    response.end("<!doctype html><title>Not found</title><h1>Not found</h1>\n");
  };
}
