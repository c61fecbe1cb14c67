/** The details that the API attaches to errors, decoded from protobuf. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { RetryAdvice } from "./errors.js";

/** A detail of a Connect error: the type's full name and the message in base64, padded or not. */
export interface ErrorDetail {
  readonly type: string;
  readonly value: string;
}

/**
 * Reads `google.rpc.RetryInfo`. One without a positive delay forbids a retry, as the vendor's clients read it.
 * @returns undefined if there is none
 */
export function readRetryInfo(details: readonly ErrorDetail[]): RetryAdvice | undefined {
  const infos = details.filter(({ type }) => type === "google.rpc.RetryInfo");
  if (infos.length === 0) return undefined;
  const delays = infos.map(({ value }) => {
    const delay = readFields(value).get(1);
    return delay instanceof Uint8Array ? readDuration(delay) : 0;
  });
  const milliseconds = Math.max(...delays);
  return milliseconds > 0 ? { kind: "after", milliseconds } : { kind: "never" };
}

/** Reads the message for users in `gitpod.v1.ActionableErrorDetails` (field 2, user_message). */
export function readUserMessage(details: readonly ErrorDetail[]): string | undefined {
  for (const { type, value } of details) {
    if (type !== "gitpod.v1.ActionableErrorDetails") continue;
    const text = readFields(value).get(2);
    if (text instanceof Uint8Array && text.length > 0) return Buffer.from(text).toString("utf8");
  }
  return undefined;
}

type Field = bigint | Uint8Array;

/** Returns the last value of each varint and length-delimited field. Empty for bytes that are not a message. */
function readFields(message: string | Uint8Array): Map<number, Field> {
  const fields = new Map<number, Field>();
  try {
    const reader = new BinaryReader(typeof message === "string" ? Buffer.from(message, "base64") : message);
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (type === WireType.Varint) fields.set(number, BigInt(reader.int64()));
      else if (type === WireType.LengthDelimited) fields.set(number, reader.bytes());
      else reader.skip(type, number);
    }
  } catch {
    // An unreadable detail must not hide the error that carries it.
    return new Map();
  }
  return fields;
}

/** Reads the milliseconds of a `google.protobuf.Duration` (field 1 seconds, field 2 nanoseconds). */
function readDuration(bytes: Uint8Array): number {
  const fields = readFields(bytes);
  const [seconds = 0, nanoseconds = 0] = [fields.get(1), fields.get(2)].map((field) =>
    typeof field === "bigint" ? Number(field) : 0,
  );
  return seconds * 1_000 + nanoseconds / 1e6;
}
