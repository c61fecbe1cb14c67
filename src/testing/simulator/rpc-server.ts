/** Serves RPCs over HTTP with the Connect library. Faults apply before it, in it, and after it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { createAsyncIterable, type UniversalHandler } from "@connectrpc/connect/protocol";
import { compressionGzip, universalRequestFromNodeRequest } from "@connectrpc/connect-node";
import { type AccessControl, bearerToken } from "./access-control.js";
import { nameOf, refusal } from "./connect-codes.js";
import type { Faults, Strike } from "./faults.js";
import { EnvironmentService } from "./gen/gitpod/v1/environment_pb.js";
import { IdentityService } from "./gen/gitpod/v1/identity_pb.js";
import { PrebuildService } from "./gen/gitpod/v1/prebuild_pb.js";
import { ProjectService } from "./gen/gitpod/v1/project_pb.js";
import { RequestEntry, type RequestLog } from "./request-log.js";
import { answerWithoutCall, corrupt, errorAnswer, errorOf } from "./fault-effects.js";
import { maxBodyBytes, readBody, refuseRequest } from "./incoming-request.js";
import { type HttpAnswer, reset, send } from "./send-response.js";
import { isPaged, withQuery } from "./pagination.js";
import { rpcAt, type RPC } from "./rpc-names.js";
import { prebuildService, type ServiceState } from "./prebuild-service.js";
import { environmentService, identityService, projectService } from "./project-services.js";
import { validate } from "./request-validation.js";
import type { World } from "./world.js";

/** The state of the server. */
export interface RpcState extends ServiceState {
  access: AccessControl;
  faults: Faults;
  requests: RequestLog;
  /** How many milliseconds each call moves the time ahead. */
  autoAdvance: number;
}

interface Call {
  strike: Strike | undefined;
  entry: RequestEntry | undefined;
  /** The requested page. Empty for the first one, and for RPCs without pages. */
  pageToken: string;
}

const callKey = createContextKey<Call>({ strike: undefined, entry: undefined, pageToken: "" });

/** Creates the handler of RPCs. It returns false if there is no RPC at the path. */
export function rpcServer(
  state: RpcState,
): (request: IncomingMessage, response: ServerResponse, path: string) => boolean {
  const router = createConnectRouter({
    interceptors: [checkCall(state)],
    acceptCompression: [compressionGzip],
    readMaxBytes: maxBodyBytes,
  });
  router.service(PrebuildService, prebuildService(state));
  router.service(IdentityService, identityService(state));
  router.service(ProjectService, projectService(state));
  router.service(EnvironmentService, environmentService(state));
  const handlers = new Map(router.handlers.map((handler) => [handler.method.name, handler]));
  return (request, response, path) => {
    const target = rpcAt(path);
    const handler = handlers.get(target?.rpc ?? "");
    if (target === undefined || handler === undefined) return false;
    answer(state, handler, target.rpc, request, response).catch((reason: unknown) => {
      response.destroy(reason instanceof Error ? reason : undefined);
    });
    return true;
  };
}

/** The response to a call that is not allowed, or to its fault. */
function refuse(forbidden: ConnectError, { strike, entry }: Call): HttpAnswer {
  const error = strike?.error !== undefined && strike.error.when !== "after" ? errorOf(strike.error) : forbidden;
  if (entry !== undefined) entry.code = nameOf(error.code);
  return errorAnswer(error);
}

/** What happens to a decoded request before and after its RPC: faults, pagination, validation. */
function checkCall(state: RpcState): Interceptor {
  return (next) => async (request) => {
    const call = request.contextValues.get(callKey);
    const { strike, entry } = call;
    try {
      if (strike?.error !== undefined && strike.error.when !== "after") throw errorOf(strike.error);
      if (!request.stream) {
        const { message } = request;
        if (isPaged(message)) {
          // The query of a GET contains the message itself.
          const hasQuery = request.requestMethod === "POST" && request.url.includes("?");
          if (hasQuery && state.world.unknowns.queryPagination === "read") {
            message.pagination = withQuery(message.pagination, new URL(request.url).searchParams);
          }
          call.pageToken = message.pagination?.token ?? "";
        }
        validate(request.method.input, message);
        refuseUnknownCall(state.world, request.service.typeName, request.method.name);
      }
      const response = await next(request);
      if (strike?.error !== undefined) throw errorOf(strike.error);
      return response;
    } catch (error) {
      if (entry !== undefined) entry.code = nameOf(ConnectError.from(error, Code.Internal).code);
      throw error;
    }
  };
}

async function answer(
  state: RpcState,
  handler: UniversalHandler,
  rpc: RPC,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world } = state;
  // Nothing is read of a call that is not allowed.
  const forbidden = forbids(state.access, handler.method, request);
  const body = forbidden === undefined ? await readBody(request) : Buffer.alloc(0);
  world.catchUp();
  const entry = new RequestEntry(world.events.now, request, { rpc: handler.method, body: body ?? Buffer.alloc(0) });
  state.requests.add(entry);
  if (body === undefined) {
    entry.status = 413;
    return refuseRequest(response, 413);
  }
  const strike = state.faults.next(rpc, world.events.now);
  entry.fault = strike?.kind;
  if (strike?.hang === "before") return;
  if (strike?.reset === "before") return reset(request);
  const early = strike === undefined ? undefined : answerWithoutCall(strike, request.url ?? "");
  const context: Call = { strike, entry, pageToken: "" };
  const refused = forbidden && refuse(forbidden, context);
  const answer = early ?? refused ?? (await call(handler, context, request, response, body));
  if (state.autoAdvance > 0) world.clock.advance(state.autoAdvance);
  entry.status = answer.status;
  if (strike?.hang === "after") return;
  if (strike?.reset === "after") return reset(request);
  const sent = strike === undefined ? answer : corrupt(strike, answer, handler.method, context.pageToken);
  await send(response, sent, strike);
}

async function call(
  handler: UniversalHandler,
  context: Call,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
): Promise<HttpAnswer> {
  const values = createContextValues().set(callKey, context);
  const universal = universalRequestFromNodeRequest(request, response, undefined, values);
  // The query of a GET says how it is encoded. The vendor's client sends a content type as well.
  if (request.method === "GET") universal.header.delete("content-type");
  const result = await handler({ ...universal, body: createAsyncIterable([body]) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of result.body ?? []) chunks.push(chunk);
  const headers: Record<string, string> = {};
  result.header?.forEach((value, name) => (headers[name] = value));
  return { status: result.status, headers, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) };
}

const points: Readonly<Record<string, "identityCalls" | "projectCalls" | "environmentClassCalls">> = {
  [IdentityService.typeName]: "identityCalls",
  [ProjectService.typeName]: "projectCalls",
  [EnvironmentService.typeName]: "environmentClassCalls",
};

/** Throws the error of a call that may not be available to every token. */
function refuseUnknownCall({ unknowns }: World, service: string, rpc: string): void {
  const point = points[service];
  const answer = point === undefined ? "allowed" : unknowns[point];
  if (answer !== "allowed") throw refusal(answer, `${rpc} is not available`);
}

/** The error of a call that the token or the plan does not allow. */
function forbids(access: AccessControl, method: DescMethod, { headers }: IncomingMessage): ConnectError | undefined {
  const readsOnly = method.idempotency === Idempotency.NO_SIDE_EFFECTS;
  try {
    access.authorize(bearerToken(headers.authorization), { rpc: method.name, readsOnly });
    return undefined;
  } catch (error) {
    return ConnectError.from(error);
  }
}
