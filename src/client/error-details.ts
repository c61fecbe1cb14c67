/** The error details that the API attaches, decoded from their protobuf bytes. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { RetryAdvice } from "./errors.js";

/** A detail of a Connect error: the type's full name and the message in base64 (padded or not). */
export interface ErrorDetail {
  readonly type: string;
  readonly value: string;
}

/**
 * What a `google.rpc.RetryInfo` among the details says. One without a positive delay forbids a retry, as the vendor's clients read it.
 * @returns undefined where there is none
 */
export function retryInfo(details: readonly ErrorDetail[]): RetryAdvice | undefined {
  const infos = details.filter((detail) => detail.type === "google.rpc.RetryInfo");
  if (infos.length === 0) return undefined;
  const delays = infos.map((detail) => {
    const delay = bytesOf(messageFields(detail.value).get(1));
    return delay === undefined ? 0 : durationMilliseconds(delay);
  });
  const milliseconds = Math.max(...delays);
  return milliseconds > 0 ? { kind: "after", milliseconds } : { kind: "never" };
}

/** The text for people in a `gitpod.v1.ActionableErrorDetails` (field 2, user_message) among the details, if there is one. */
export function userMessage(details: readonly ErrorDetail[]): string | undefined {
  for (const detail of details) {
    if (detail.type !== "gitpod.v1.ActionableErrorDetails") continue;
    const text = bytesOf(messageFields(detail.value).get(2));
    if (text !== undefined && text.length > 0) return Buffer.from(text).toString("utf8");
  }
  return undefined;
}

type Field = bigint | Uint8Array;

const bytesOf = (field: Field | undefined): Uint8Array | undefined => (field instanceof Uint8Array ? field : undefined);
const numberOf = (field: Field | undefined): number => (typeof field === "bigint" ? Number(field) : 0);

/** The last value of each varint and length-delimited field; nothing for bytes that are no message. */
function messageFields(value: string | Uint8Array): Map<number, Field> {
  const fields = new Map<number, Field>();
  try {
    const reader = new BinaryReader(typeof value === "string" ? Buffer.from(value, "base64") : value);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (type === WireType.Varint) fields.set(number, BigInt(reader.int64()));
      else if (type === WireType.LengthDelimited) fields.set(number, reader.bytes());
      else reader.skip(type, number);
    }
  } catch {
    // A detail that cannot be read says nothing; the error itself still counts.
    return new Map();
  }
  return fields;
}

/** Milliseconds of a `google.protobuf.Duration` (field 1 seconds, field 2 nanoseconds). */
function durationMilliseconds(bytes: Uint8Array): number {
  const fields = messageFields(bytes);
  return numberOf(fields.get(1)) * 1_000 + numberOf(fields.get(2)) / 1e6;
}
