/** What a fault does to the response of a call: replaces it, turns it into an error, or corrupts it. */
import { gunzipSync } from "node:zlib";
import {
  create,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type DescMethod,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { codeOf } from "./connect-codes.js";
import type { Strike } from "./faults.js";
import { ActionableErrorDetailsSchema } from "./gen/gitpod/v1/actionable_error_pb.js";
import { RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { firstPageToken } from "./pagination.js";
import type { HttpAnswer } from "./send-response.js";

/** A phase that the contract does not define, by name and by number. */
const unknownPhase = { name: "PHASE_OF_TOMORROW", number: 99 };

/** The Connect error that a fault describes, with its details and headers. */
export function errorOf(fault: NonNullable<Strike["error"]>): ConnectError {
  const error = new ConnectError(fault.message ?? "fault of the simulator", codeOf(fault.code));
  if (fault.retryInfoSeconds !== undefined) {
    const seconds = Math.trunc(fault.retryInfoSeconds);
    const nanos = Math.round((fault.retryInfoSeconds - seconds) * 1e9);
    const value = create(RetryInfoSchema, { retryDelay: { seconds: BigInt(seconds), nanos } });
    error.details.push({ desc: RetryInfoSchema, value });
  }
  if (fault.actionable !== undefined) {
    const { errorCode = "", userMessage = "", actions = [] } = fault.actionable;
    const value = create(ActionableErrorDetailsSchema, {
      errorCode,
      userMessage,
      actions: actions.map(({ label, externalUrl }) => ({
        label,
        target: { case: "externalUrl" as const, value: externalUrl },
      })),
    });
    error.details.push({ desc: ActionableErrorDetailsSchema, value });
  }
  for (const { type, value } of fault.details ?? []) error.details.push({ type, value: Buffer.from(value, "base64") });
  if (fault.rateLimitRetryAfter !== undefined) {
    error.metadata.set("RateLimit-RetryAfter", String(fault.rateLimitRetryAfter));
  }
  return error;
}

/** The response with a Connect error. */
export function errorAnswer(error: ConnectError): HttpAnswer {
  const headers = { ...Object.fromEntries(error.metadata), "content-type": "application/json" };
  const body = Buffer.from(JSON.stringify(errorToJson(error, undefined)));
  return { status: codeToHttpStatus(error.code), headers, body };
}

/** The response of a proxy or a redirect, if the fault replaces the call by one. */
export function answerWithoutCall({ html, redirect }: Strike, url: string): HttpAnswer | undefined {
  if (html !== undefined) {
    const page = html.body ?? `<html><body><h1>${html.status}</h1><p>A proxy sent this page.</p></body></html>\n`;
    return { status: html.status, headers: { "content-type": "text/html; charset=utf-8" }, body: Buffer.from(page) };
  }
  if (redirect === undefined) return undefined;
  const location =
    new URL(redirect.to, "http://simulator").pathname === "/" ? redirect.to.replace(/\/$/, "") + url : redirect.to;
  return { status: redirect.status ?? 307, headers: { location }, body: Buffer.alloc(0) };
}

/** Corrupts a successful response as the fault says. Other faults leave it unchanged. */
export function corrupt(strike: Strike, answer: HttpAnswer, { output }: DescMethod, pageToken: string): HttpAnswer {
  if (answer.status !== 200) return answer;
  // A change of the JSON, applied to a binary message by way of its JSON.
  const throughJson = (change: (value: JsonValue) => JsonValue) => (bytes: Uint8Array) =>
    toBinary(output, fromJson(output, change(toJson(output, fromBinary(output, bytes)))));
  if (strike.invalidJson) return withBody(answer, Buffer.from(`{"warmPool": {"id": <!-- not JSON -->`));
  if (strike.unknownFields) return rewrite(answer, addFields, addBinaryField);
  if (strike.unknownEnum) {
    const rename = (phase: JsonValue) =>
      typeof phase === "string" ? phase.replace(/PHASE_.*$/, unknownPhase.name) : phase;
    const replaceNumbers = throughJson((value) => replacePhases(value, () => unknownPhase.number));
    return rewrite(answer, (value) => replacePhases(value, rename), replaceNumbers);
  }
  if (strike.repeatedPageToken) {
    const repeat = (value: JsonValue) => repeatToken(value, pageToken);
    return rewrite(answer, repeat, throughJson(repeat));
  }
  return answer;
}

function rewrite(
  answer: HttpAnswer,
  inJson: (value: JsonValue) => JsonValue,
  inBinary: (bytes: Uint8Array) => Uint8Array,
): HttpAnswer {
  const body = answer.headers["content-encoding"] === "gzip" ? gunzipSync(answer.body) : answer.body;
  if (answer.headers["content-type"] === "application/proto") return withBody(answer, inBinary(body));
  const json = inJson(parseJson(Buffer.from(body).toString()));
  return withBody(answer, Buffer.from(JSON.stringify(json)));
}

function withBody(answer: HttpAnswer, body: Uint8Array): HttpAnswer {
  const { "content-encoding": _encoding, ...headers } = answer.headers;
  return { ...answer, headers, body };
}

/** Adds new fields of several types next to the known ones, at every level. */
function addFields(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(addFields);
  if (!isObject(value)) return value;
  const known = Object.entries(value).map(([name, inner]): [string, JsonValue] => [name, addFields(inner)]);
  return { ...Object.fromEntries(known), newText: "of tomorrow", newNumber: 42, newList: [{ a: null }], newObject: {} };
}

function addBinaryField(bytes: Uint8Array): Uint8Array {
  const field = new BinaryWriter().tag(999, WireType.LengthDelimited).string("of tomorrow").finish();
  return Buffer.concat([bytes, field]);
}

function replacePhases(value: JsonValue, replace: (phase: JsonValue) => JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((each) => replacePhases(each, replace));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, JsonValue] => [
    name,
    name === "phase" ? replace(inner) : replacePhases(inner, replace),
  ]);
  return Object.fromEntries(entries);
}

/** Returns the token of the request again, or that of the response to a request without one. */
function repeatToken(response: JsonValue, requested: string): JsonValue {
  if (!isObject(response)) return response;
  const next = isObject(response.pagination) ? response.pagination.nextToken : undefined;
  const token = [requested, next].find((one) => typeof one === "string" && one !== "") ?? firstPageToken;
  return { ...response, pagination: { nextToken: token } };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const parseJson: (text: string) => JsonValue = JSON.parse;
