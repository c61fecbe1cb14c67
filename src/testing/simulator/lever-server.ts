/** The levers over HTTP, under /_simulator: a table of routes, each with the schema of its body. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { z } from "zod";
import type { Fault, Faults } from "./faults.js";
import { readBody, refuseRequest } from "./incoming-request.js";
import type { Levers } from "./levers.js";
import type { Pools } from "./pools.js";
import type { RequestLog } from "./request-log.js";
import { plausible, type Unknowns } from "./unknowns.js";
import type { World } from "./world.js";

/** The path of the levers. */
export const leverPath = "/_simulator";

const id = z.string();
// Levers check the range of a number, for calls over HTTP and in the process.
const number = z.custom<number>((value) => typeof value === "number", "must be a number");
const size = number.optional();
const sizes = z.strictObject({ minSize: size, maxSize: size, desiredSize: size });
const pair = z.strictObject({ projectId: id, environmentClassId: id });
const runOptions = z.strictObject({
  end: z.enum(["completed", "failed", "cancelled"]).optional(),
  message: z.string().optional(),
  log: z.string().optional(),
  snapshotSizeBytes: z
    .custom<string | number>((value) => /^\d{1,19}$/.test(String(value)), "must be a whole number of up to 19 digits")
    .transform(BigInt)
    .optional(),
});
const newPrebuild = z.strictObject({
  projectId: id,
  environmentClassId: id.optional(),
  timeoutSeconds: number.optional(),
  scheduled: z.boolean().optional(),
  creatorId: id.optional(),
});
const failure = z.strictObject({ message: z.string().optional(), log: z.string().optional() });
const project = z.strictObject({
  prebuildsEnabled: z.boolean().optional(),
  isBeingDeleted: z.boolean().optional(),
  environmentClassIds: z.array(id).optional(),
});
const nothing = z.strictObject({});

interface Route {
  /** Method and path below {@link leverPath}, as in docs/simulator.md. */
  call: string;
  method: string;
  path: RegExp;
  answer: (id: string, body: unknown) => unknown;
}

/** The state behind the levers that the routes read themselves. */
interface ServedState {
  world: World;
  pools: Pools;
  faults: Faults;
  requests: RequestLog;
}

function routes(levers: Levers, { world, pools, faults, requests }: ServedState): Route[] {
  const table: Route[] = [];
  const on = <T>(call: string, schema: z.ZodType<T>, answer: (id: string, body: T) => unknown) => {
    const [method = "", path = ""] = call.split(" ");
    const pattern = new RegExp(`^${leverPath}${path.replace(":id", "([^/]+)")}$`);
    table.push({ call, method, path: pattern, answer: (id, body) => answer(id, schema.parse(body)) });
  };
  on("GET ", nothing, () => table.map((route) => route.call).filter((call) => call !== "GET "));
  on("GET /state", nothing, () => ({
    now: world.clock.now(),
    clock: world.clock.kind,
    projects: levers.projects,
    pools: levers.pools.map((pool) => ({ ...pool, sizeHistory: pools.sizeHistory(pool.id) })),
    prebuilds: levers.prebuilds,
    faults: faults.all(),
    unknowns: levers.unknowns,
  }));
  on("GET /clock", nothing, () => ({ now: world.clock.now(), kind: world.clock.kind }));
  on("POST /clock", z.strictObject({ advance: number }), (_id, { advance }) => {
    world.clock.advance(advance);
    world.catchUp();
    return { now: world.clock.now() };
  });
  on("POST /pools", sizes.extend(pair.shape), (_id, body) => levers.createPool(body));
  on("POST /pools/:id/resize", sizes, (id, body) => levers.resize(id, body));
  on("POST /pools/:id/degrade", failure.pick({ message: true }), (id, body) => levers.degrade(id, body.message));
  on("POST /pools/:id/recover", nothing, (id) => levers.recover(id));
  on("POST /pools/:id/scale", z.strictObject({ size: number }), (id, body) => levers.scale(id, body.size));
  on("POST /pools/:id/rotate", nothing, (id) => levers.rotate(id));
  on("POST /pools/:id/drain", nothing, (id) => levers.drain(id));
  on("POST /pools/:id/remove", nothing, (id) => levers.remove(id));
  on("POST /prebuilds", newPrebuild, (_id, body) => levers.createPrebuild(body));
  on("POST /prebuilds/next", runOptions, (_id, body) => levers.nextPrebuild(body));
  on("POST /prebuilds/complete", pair, (_id, body) => levers.completePrebuild(body.projectId, body.environmentClassId));
  on("POST /prebuilds/:id/fail", failure, (id, body) => levers.failPrebuild(id, body.message, body.log));
  on("POST /prebuilds/:id/cancel", nothing, (id) => levers.cancelPrebuild(id));
  on("POST /prebuilds/:id/drain", nothing, (id) => levers.drain(id));
  on("POST /prebuilds/:id/expire", nothing, (id) => levers.expire(id));
  on("POST /prebuilds/:id/remove", nothing, (id) => levers.remove(id));
  on("POST /projects/:id", project, (id, body) => levers.configureProject(id, body));
  on("GET /faults", nothing, () => faults.all());
  on("POST /faults", z.custom<Fault>(), (_id, body) => ({ id: levers.fault(body).id }));
  on("DELETE /faults", nothing, () => levers.clearFaults());
  on("DELETE /faults/:id", nothing, (id) => faults.remove(Number(id)));
  on("GET /unknowns", nothing, () => ({ now: levers.unknowns, plausible }));
  on("POST /unknowns", z.custom<Partial<Unknowns>>(isObject), (_id, body) => levers.setUnknowns(body));
  on("GET /requests", nothing, () => levers.requests);
  on("GET /requests/:id", nothing, (id) => requests.since(z.coerce.number().int().parse(id)));
  on("DELETE /requests", nothing, () => levers.clearRequests());
  on("POST /tokens", z.strictObject({ scope: z.enum(["full", "readOnly"]).optional() }), (_id, body) => ({
    token: levers.issueToken(body.scope),
  }));
  on("POST /tokens/revoke", z.strictObject({ token: z.string() }), (_id, body) => levers.revokeToken(body.token));
  on("POST /plan", z.strictObject({ plan: z.enum(["enterprise", "core"]) }), (_id, body) => levers.setPlan(body.plan));
  return table;
}

/** Creates the handler of requests below {@link leverPath}. */
export function leverServer(
  levers: Levers,
  state: ServedState,
): (request: IncomingMessage, response: ServerResponse, path: string) => void {
  const table = routes(levers, state);
  return (request, response, path) => {
    readBody(request)
      .then((body) => {
        if (body === undefined) return refuseRequest(response, 413);
        const text = body.toString();
        const value = text.trim() === "" ? {} : parseJson(text);
        respond(table, { method: request.method ?? "", path, body: value }, response);
      })
      .catch((error: unknown) => refuse(response, error));
  };
}

function respond(
  table: Route[],
  call: { method: string; path: string; body: unknown },
  response: ServerResponse,
): void {
  const here = table.filter((route) => route.path.test(call.path));
  if (here.length === 0) return send(response, 404, { message: `there is no lever at ${call.path}` });
  const route = here.find((candidate) => candidate.method === call.method);
  if (route === undefined) {
    response.setHeader("Allow", here.map((candidate) => candidate.method).join(", "));
    return send(response, 405, { message: `${call.path} does not support ${call.method}` });
  }
  const id = decodeURIComponent(route.path.exec(call.path)?.[1] ?? "");
  send(response, 200, route.answer(id, call.body) ?? {});
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof ConnectError) {
    return send(response, codeToHttpStatus(error.code), { message: error.rawMessage });
  }
  const message = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : "";
  send(response, 400, { message });
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const parseJson: (text: string) => unknown = JSON.parse;
