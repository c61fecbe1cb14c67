// A running simulator: the HTTP server in front, the levers for whoever started it.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Gate, type Plan } from "./access-control.js";
import { createClock, type Clock, type ClockKind } from "./clock.js";
import { Faults } from "./faults.js";
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

/** How a simulator starts. */
export interface SimulatorOptions {
  /** Default: a free one. */
  port?: number | undefined;
  /** Default virtual: time stands still until it is moved. Or the clock of another simulator, for accounts that live in one time. */
  clock?: ClockKind | SimulatorClock | undefined;
  /** The moment at which the clock starts. Default: the real one. */
  now?: number | Date | undefined;
  /** The token that opens the API. Default: a random one. */
  token?: string | undefined;
  /** Default: two projects with two classes each, with the same ids in every run. */
  projects?: ProjectOptions[] | undefined;
  /** Whether each class has a completed prebuild from the start where the class itself does not say. Default true. */
  snapshots?: boolean | undefined;
  /** Answers on the points that the API's contract leaves open. */
  unknowns?: Partial<Unknowns> | undefined;
  /** The organization that owns everything: a UUID. Default: the same in every run. */
  organizationId?: string | undefined;
  /** How long things take, in milliseconds. */
  timings?: Partial<Timings> | undefined;
  /** How many milliseconds each call moves the time on. Default 0. */
  autoAdvance?: number | undefined;
  /** Default enterprise. */
  plan?: Plan | undefined;
  /** How many of the newest requests are kept. Default 10,000. */
  requestLimit?: number | undefined;
}

/** The time of a simulator. */
export interface SimulatorClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves time on, lets happen what falls due, and returns the new moment. */
  advance(ms: number): number;
  /** Where other processes do the same: POST `{"advance": ms}`, answer `{"now": ms}`. */
  url: string;
}

/** What moves the time that a simulator shows. */
const clocks = new WeakMap<SimulatorClock, Clock>();

/** A simulator that is serving. */
export class Simulator extends Levers implements AsyncDisposable {
  /** Opens the whole API. */
  readonly token: string;
  /** Opens the calls that change nothing. */
  readonly readOnlyToken: string;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The base URL of the API: RPCs are under `{url}/gitpod.v1.PrebuildService/`. */
  readonly url: string;
  /** What a program needs in its environment to use this API. */
  readonly env: { ONA_API_KEY: string; ONA_BASE_URL: string };
  readonly clock: SimulatorClock;

  constructor(
    state: RpcState,
    options: SimulatorOptions,
    private readonly end: () => Promise<void>,
  ) {
    super(state);
    const { world, gate } = state;
    this.token = gate.issue("full", options.token);
    this.readOnlyToken = gate.issue("readOnly");
    this.origin = world.origin;
    this.url = `${world.origin}${apiPath}`;
    this.env = { ONA_API_KEY: this.token, ONA_BASE_URL: this.url };
    this.clock = {
      url: `${world.origin}${leverPath}/clock`,
      now: () => world.clock.now(),
      advance: (ms) => {
        const now = world.clock.advance(ms);
        world.settle();
        return now;
      },
    };
    clocks.set(this.clock, world.clock);
  }

  /** Ends the server and every connection, also of calls that hang. */
  close(): Promise<void> {
    return this.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

/** Starts a simulator on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const server = createServer({ keepAliveTimeout: 120_000 });
  server.listen(options.port ?? 0, "127.0.0.1");
  await listening(server, options.port);
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const clock = clockOf(options);
  const world = new World(clock, `http://127.0.0.1:${port}`, options);
  const snapshots = new Snapshots();
  const state: RpcState = {
    world,
    pools: new Pools(world, snapshots),
    prebuilds: new Prebuilds(world, snapshots),
    logTokens: new LogTokens(world),
    gate: new Gate(options.plan ?? "enterprise"),
    faults: new Faults(),
    requests: new RequestLog(options.requestLimit ?? 10_000),
    autoAdvance: options.autoAdvance ?? 0,
  };
  const end = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const simulator = new Simulator(state, options, end);
  server.on("request", front(state, simulator));
  return simulator;
}

function clockOf({ clock = "virtual", now }: SimulatorOptions): Clock {
  if (typeof clock === "string") return createClock(clock, now === undefined ? undefined : Number(now));
  const shared = clocks.get(clock);
  if (shared === undefined) throw new TypeError("clock is neither virtual nor real, nor that of a simulator");
  if (now !== undefined) throw new TypeError("now cannot be given with the clock of another simulator");
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

/** Sends each request to the room that answers it. */
function front(state: RpcState, levers: Levers): (request: IncomingMessage, response: ServerResponse) => void {
  const answerRpc = rpcServer(state);
  const answerLever = leverServer(levers, state);
  return (request, response) => {
    response.setHeader("Date", new Date(state.world.clock.now()).toUTCString());
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
      response.writeHead(200, {
        "Content-Type": file.type,
        "Content-Security-Policy": "default-src 'self'; img-src data:",
      });
      return void response.end(file.read());
    }
    html(response, 404, "<!doctype html><title>Not found</title><h1>Not found</h1>\n");
  };
}

function html(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8" });
  response.end(text);
}
