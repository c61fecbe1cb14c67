// One RPC over HTTP: the Connect library decodes, answers and encodes; faults come in before it, in it and after it.
import type { IncomingMessage, ServerResponse } from "node:http";
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
import { bearerToken, type Gate } from "./access-control.js";
import { nameOf } from "./connect-codes.js";
import { errorOf } from "./fault-error.js";
import type { Faults, Strike } from "./faults.js";
import { PrebuildService } from "./gen/gitpod/v1/prebuild_pb.js";
import { OpenEntry, type RequestLog, told } from "./request-log.js";
import { answerWithoutCall, reset, send } from "./send-response.js";
import { distort, type Answer } from "./fault-effects.js";
import { rpcAt, type RPC } from "./rpc-names.js";
import { prebuildService, type ServiceState } from "./prebuild-service.js";
import { validate } from "./request-validation.js";

/** What RPCs are answered from. */
export interface RpcState extends ServiceState {
  gate: Gate;
  faults: Faults;
  requests: RequestLog;
  /** How far each call moves the time on. */
  autoAdvance: number;
}

interface Call {
  strike: Strike | undefined;
  entry: OpenEntry | undefined;
}

const callKey = createContextKey<Call>({ strike: undefined, entry: undefined });

/** Makes the function that answers RPCs; it returns whether the path names one. */
export function rpcServer(
  state: RpcState,
): (request: IncomingMessage, response: ServerResponse, path: string) => boolean {
  const router = createConnectRouter({ interceptors: [admission(state)], acceptCompression: [compressionGzip] });
  router.service(PrebuildService, prebuildService(state));
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

/** Everything that happens between the decoding of a request and its rules: faults, authorisation, validation. */
function admission(state: RpcState): Interceptor {
  return (next) => async (request) => {
    const { strike, entry } = request.contextValues.get(callKey);
    try {
      if (strike?.error !== undefined && strike.error.when !== "after") throw errorOf(strike.error);
      const readsOnly = request.method.idempotency === Idempotency.NO_SIDE_EFFECTS;
      state.gate.admit(bearerToken(request.header.get("authorization")), { rpc: request.method.name, readsOnly });
      if (!request.stream) validate(request.method.input, request.message);
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
  const body = await readBody(request);
  const { world } = state;
  world.settle();
  const strike = state.faults.next(rpc, world.agenda.now);
  const entry = openEntry(state, handler, request, body);
  entry.fault = strike?.kind;
  if (strike?.hang === "before") return;
  if (strike?.reset === "before") return reset(request);
  const early = strike === undefined ? undefined : answerWithoutCall(strike, request.url ?? "");
  const answer = early ?? (await call(handler, { strike, entry }, request, response, body));
  if (state.autoAdvance > 0) world.clock.advance(state.autoAdvance);
  entry.status = answer.status;
  if (strike?.hang === "after") return;
  if (strike?.reset === "after") return reset(request);
  const sent = strike === undefined ? answer : distort(strike, answer, { method: handler.method, entry });
  await send(response, sent, strike);
}

async function call(
  handler: UniversalHandler,
  context: Call,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
): Promise<Answer> {
  const values = createContextValues().set(callKey, context);
  const universal = universalRequestFromNodeRequest(request, response, undefined, values);
  // A GET says in its query how it is encoded; the vendor's client sends a content type with it all the same.
  if (request.method === "GET") universal.header.delete("content-type");
  const result = await handler({ ...universal, body: createAsyncIterable([body]) });
  const chunks: Uint8Array[] = [];
  for await (const chunk of result.body ?? []) chunks.push(chunk);
  const headers: Record<string, string> = {};
  result.header?.forEach((value, name) => (headers[name] = value));
  return { status: result.status, headers, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) };
}

function openEntry(state: RpcState, handler: UniversalHandler, request: IncomingMessage, body: Uint8Array): OpenEntry {
  const { token, headers } = told(request);
  const raw = { method: handler.method, httpMethod: request.method ?? "", url: request.url ?? "", headers, body };
  const entry = new OpenEntry(state.world.agenda.now, token, raw);
  state.requests.add(entry);
  return entry;
}

function readBody(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}
