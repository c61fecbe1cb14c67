/** Helpers of the simulator's tests: a simulator for each test, and calls over plain HTTP. */
import {
  startSimulator,
  type RPC,
  type Simulator,
  type SimulatorOptions,
} from "../../../src/testing/simulator/index.js";

/** A response as it came over the wire. */
export interface WireAnswer {
  status: number;
  headers: Headers;
  body: Json;
}

/** JSON whose parts a test can read without checking their types. */
export interface Json {
  readonly [name: string]: Json;
}

/** A part of a response if it is a string, otherwise an empty string. */
export const textOf = (part: unknown): string => (typeof part === "string" ? part : "");

/** Calls an RPC with JSON. */
export async function call(
  simulator: Simulator,
  rpc: RPC | `${RPC}?${string}`,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<WireAnswer> {
  const response = await fetch(rpcUrl(simulator, rpc), {
    method: "POST",
    headers: { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    redirect: "manual",
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
}

const services: Readonly<Record<string, string>> = {
  GetAuthenticatedIdentity: "IdentityService",
  GetProject: "ProjectService",
  ListProjects: "ProjectService",
  ListEnvironmentClasses: "EnvironmentService",
};

/** The URL of an RPC. */
export const rpcUrl = (simulator: Simulator, rpc: string): string =>
  `${simulator.url}/gitpod.v1.${services[rpc] ?? "PrebuildService"}/${rpc}`;

/** Pulls a lever over HTTP. */
export async function pull(simulator: Simulator, method: string, path: string, body?: object): Promise<WireAnswer> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${simulator.origin}/_simulator${path}`, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
}

/** Two pairs of a project and a class that exist from the start. */
export function pairs(simulator: Simulator): [Pair, Pair] {
  const [first, second] = simulator.projects.flatMap(({ id, environmentClassIds }) =>
    environmentClassIds.map((environmentClassId) => ({ projectId: id, environmentClassId })),
  );
  if (first === undefined || second === undefined) throw new Error("the seed has fewer than two classes");
  return [first, second];
}

export interface Pair {
  projectId: string;
  environmentClassId: string;
}

/** A UUID of no object. */
export const nobody = "00000000-0000-4000-8000-000000000000";

const running: Simulator[] = [];

/** Starts a simulator that closes after the test. */
export async function simulate(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ now: Date.UTC(2026, 0, 1), ...options });
  running.push(simulator);
  return simulator;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});
