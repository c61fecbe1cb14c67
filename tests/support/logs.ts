/** Prebuild logs of the simulator and of a scripted server, for tests. */
import { OnaClient } from "../../src/client/index.js";
import type { LogContext } from "../../src/prebuild/log/access.js";
import { LogFollower } from "../../src/prebuild/log/follow.js";
import {
  type SimulatedPrebuild,
  type Simulator,
  startSimulator,
  type Unknowns,
} from "../../src/testing/simulator/index.js";
import { FakeClock } from "./fake-clock.js";
import { prebuildId } from "./messages.js";
import { until } from "./until.js";
import { type Reply, WireServer } from "./wire-server.js";

/** The token of the scripted server's log. */
export const logsToken = "ona_logs_dG9rZW4tb2YtYS1sb2c";

interface Followed {
  readonly context: LogContext;
  readonly clock: FakeClock;
  readonly follower: LogFollower;
  /** The reported lines. */
  readonly lines: string[];
  readonly warnings: string[];
}

export interface SimulatedLog extends Followed, AsyncDisposable {
  readonly simulator: Simulator;
  readonly prebuild: SimulatedPrebuild;
  /** Advances the clock of both sides and lets both process what happened. */
  advance(milliseconds: number): Promise<void>;
  /** The log requests so far. */
  readings(): { status: number | undefined; path: string; token: string | undefined }[];
  /** Waits until the given number of log requests has arrived. */
  asked(times: number): Promise<void>;
  /** The number of tokens that were fetched. */
  tokens(): number;
}

export interface ScriptedLog extends Followed, AsyncDisposable {
  readonly server: WireServer;
  readonly url: string;
  /** The tokens to hand out. Tokens that the test does not name are numbered. */
  readonly tokens: string[];
}

/** Starts a simulated run that logs these lines during its ten seconds of RUNNING, the first 3 s after its creation. */
export async function simulatedLog(log: string, liveLogs: Unknowns["liveLogs"] = "follow"): Promise<SimulatedLog> {
  const simulator = await startSimulator({ now: Date.UTC(2026, 2, 1, 12), unknowns: { liveLogs } });
  const [project] = simulator.projects;
  simulator.nextPrebuild({ log });
  const prebuild = simulator.createPrebuild({ projectId: project?.id ?? "" });
  const clock = new FakeClock();
  const client = new OnaClient({ baseUrl: simulator.url, token: () => simulator.token, clock });
  const readings = () => simulator.requests.filter(({ rpc }) => rpc === "PrebuildLogs");
  return {
    ...followed({ client, clock }, clock, prebuild.id),
    simulator,
    prebuild,
    async advance(milliseconds) {
      simulator.clock.advance(milliseconds);
      await clock.advance(milliseconds);
    },
    readings: () => readings().map(({ status, path, token }) => ({ status, path: path.split("/")[1] ?? "", token })),
    asked: (times) => until(() => readings().length >= times),
    tokens: () => simulator.requests.filter(({ rpc }) => rpc === "CreatePrebuildLogsToken").length,
    async [Symbol.asyncDispose]() {
      await simulator.close();
      await client.close();
    },
  };
}

/** Serves a log: each request gets the next response. */
export async function scriptedLog(...script: Reply[]): Promise<ScriptedLog> {
  const server = await WireServer.start(...script);
  const clock = new FakeClock();
  const client = new OnaClient({ baseUrl: server.origin, token: () => "api-token", clock });
  const tokens: string[] = [];
  const context: LogContext = {
    client: {
      async createPrebuildLogsToken() {
        tokens.push(tokens.length === 0 ? logsToken : `${logsToken}_${tokens.length + 1}`);
        return tokens.at(-1) ?? "";
      },
      readPrebuildLog: (...args) => client.readPrebuildLog(...args),
      hideSecrets: (text) => client.hideSecrets(text),
    },
    clock,
  };
  return {
    ...followed(context, clock, prebuildId),
    server,
    url: `${server.origin}/logs/1`,
    tokens,
    async [Symbol.asyncDispose]() {
      await server.close();
      await client.close();
    },
  };
}

function followed(context: LogContext, clock: FakeClock, id: string): Followed {
  const lines: string[] = [];
  const warnings: string[] = [];
  const say = (line: string) => void lines.push(line);
  const warn = (line: string) => void warnings.push(line);
  return { context, clock, follower: new LogFollower(context, id, say, warn), lines, warnings };
}

/** Advances the clock in small steps, with time for sockets, until a promise settles. */
export async function settle<T>(clock: FakeClock, promise: Promise<T>, step = 250): Promise<T> {
  let settled = false;
  const note = () => (settled = true);
  promise.then(note, note);
  for (let turn = 0; !settled; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turn % 20 === 19 && clock.pending.some((milliseconds) => milliseconds < 60_000)) await clock.advance(step);
  }
  return promise;
}

/** A response that stays open. `write` appends to it. */
export function open(first = ""): { reply: Reply; write(text: string): void; end(): void; gone(): boolean } {
  let response: Parameters<Reply>[0] | undefined;
  let gone = false;
  return {
    reply: (opened) => {
      response = opened;
      opened.on("close", () => (gone = true));
      opened.writeHead(200, { "content-type": "text/plain" });
      opened.flushHeaders();
      if (first !== "") opened.write(first);
    },
    write: (more) => void response?.write(more),
    end: () => void response?.end(),
    gone: () => gone,
  };
}
