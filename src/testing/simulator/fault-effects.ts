// Answers made wrong after the call has done its work: bodies that are not JSON, fields and values nobody knows.
import { gunzipSync } from "node:zlib";
import {
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type DescMethod,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Strike } from "./faults.js";
import { firstPageToken } from "./pagination.js";
import type { LoggedRequest } from "./request-log.js";

/** An HTTP answer before it is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** A phase that the contract does not know, by name and by number. */
export const unknownPhase = { name: "PHASE_OF_TOMORROW", number: 99 };

/** The answer as the fault wants it; unchanged for faults that are about something else. */
export function distort(strike: Strike, answer: Answer, call: { method: DescMethod; entry: LoggedRequest }): Answer {
  if (answer.status !== 200) return answer;
  if (strike.invalidJson) return withBody(answer, Buffer.from(`{"warmPool": {"id": <!-- not JSON -->`));
  if (strike.unknownFields) return rewrite(answer, addFields, addBinaryField);
  if (strike.unknownEnum) return rewrite(answer, renamePhases, replacePhases(call.method));
  if (strike.repeatedPageToken) return repeatToken(answer, call);
  return answer;
}

function rewrite(
  answer: Answer,
  inJson: (value: JsonValue) => JsonValue,
  inBinary: (bytes: Uint8Array) => Uint8Array,
): Answer {
  const body = answer.headers["content-encoding"] === "gzip" ? gunzipSync(answer.body) : answer.body;
  if (isBinary(answer)) return withBody(answer, inBinary(body));
  const json = inJson(parseJson(Buffer.from(body).toString()));
  return withBody(answer, Buffer.from(JSON.stringify(json)));
}

function withBody(answer: Answer, body: Uint8Array): Answer {
  const { "content-encoding": _plain, ...headers } = answer.headers;
  return { ...answer, headers, body };
}

const isBinary = (answer: Answer) => answer.headers["content-type"] === "application/proto";

/** Puts a new field of every kind beside the known ones, at every level. */
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

function renamePhases(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(renamePhases);
  if (!isObject(value)) return value;
  const renamed = Object.entries(value).map(([name, inner]): [string, JsonValue] => {
    if (name !== "phase" || typeof inner !== "string") return [name, renamePhases(inner)];
    return [name, inner.replace(/PHASE_.*$/, unknownPhase.name)];
  });
  return Object.fromEntries(renamed);
}

function replacePhases({ output }: DescMethod): (bytes: Uint8Array) => Uint8Array {
  const replace = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(replace);
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    const changed = entries.map(([name, v]): [string, JsonValue] => [
      name,
      name === "phase" ? unknownPhase.number : replace(v),
    ]);
    return Object.fromEntries(changed);
  };
  return (bytes) => toBinary(output, fromJson(output, replace(toJson(output, fromBinary(output, bytes)))));
}

function repeatToken(answer: Answer, { method, entry }: { method: DescMethod; entry: LoggedRequest }): Answer {
  const asked = isObject(entry.body) && isObject(entry.body.pagination) ? entry.body.pagination.token : undefined;
  const change = (value: JsonValue): JsonValue => {
    if (!isObject(value)) return value;
    const own = isObject(value.pagination) ? value.pagination.nextToken : undefined;
    const token = [asked, own].find((one) => typeof one === "string" && one !== "") ?? firstPageToken;
    return { ...value, pagination: { nextToken: token } };
  };
  const { output } = method;
  return rewrite(answer, change, (bytes) =>
    toBinary(output, fromJson(output, change(toJson(output, fromBinary(output, bytes))))),
  );
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const parseJson: (text: string) => JsonValue = JSON.parse;
