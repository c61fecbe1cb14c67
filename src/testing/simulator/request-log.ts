// The requests that were received, for tests to assert on: what was asked, when, and how it was answered.
import { gunzipSync } from "node:zlib";
import { fromBinary, toJson, type DescMethod, type JsonValue } from "@bufbuild/protobuf";
import type { CodeName } from "./codes.js";

/** One request; what is not known yet, because it is not answered, is undefined. */
export interface LoggedRequest {
  readonly rpc: string;
  /** The simulator's time in milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly codec: "json" | "proto";
  /** The request in JSON as it was sent, decoded if it was binary; undefined when it cannot be read. */
  readonly body: JsonValue | undefined;
  /** A fingerprint of the token, never the token; undefined when there was none. */
  readonly token: string | undefined;
  /** The other headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The HTTP status of the answer. */
  readonly status: number | undefined;
  /** The Connect code of the answer, when it is an error. */
  readonly code: CodeName | undefined;
  /** The fault that the answer was given. */
  readonly fault: string | undefined;
}

/** What a request said, before anyone reads it. */
export interface RawRequest {
  method: DescMethod;
  httpMethod: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** An entry while its request is being answered. */
export class OpenEntry implements LoggedRequest {
  status: number | undefined = undefined;
  code: CodeName | undefined = undefined;
  fault: string | undefined = undefined;
  private decoded: { body: JsonValue | undefined } | undefined = undefined;

  constructor(
    readonly at: number,
    readonly token: string | undefined,
    private readonly raw: RawRequest,
  ) {}

  get rpc(): string {
    return this.raw.method.name;
  }

  get method(): string {
    return this.raw.httpMethod;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.raw.headers;
  }

  get codec(): "json" | "proto" {
    const type = this.query()?.get("encoding") ?? this.raw.headers["content-type"] ?? "";
    return /\bproto\b/.test(type) ? "proto" : "json";
  }

  /** Decoded when first looked at: a busy server need not. */
  get body(): JsonValue | undefined {
    this.decoded ??= { body: this.decode() };
    return this.decoded.body;
  }

  toJSON(): LoggedRequest {
    const { rpc, at, method, codec, body, token, headers, status, code, fault } = this;
    return { rpc, at, method, codec, body, token, headers, status, code, fault };
  }

  private decode(): JsonValue | undefined {
    try {
      const query = this.query();
      const coded = query === undefined ? this.raw.body : messageOf(query);
      const compression = query?.get("compression") ?? this.raw.headers["content-encoding"];
      const bytes = compression === "gzip" ? gunzipSync(coded) : coded;
      const { input } = this.raw.method;
      if (this.codec === "proto") return toJson(input, fromBinary(input, bytes));
      return parseJson(Buffer.from(bytes).toString());
    } catch {
      return undefined;
    }
  }

  private query(): URLSearchParams | undefined {
    return this.raw.httpMethod === "GET" ? new URL(this.raw.url, "http://simulator").searchParams : undefined;
  }
}

/** The newest requests, oldest first. */
export class RequestLog {
  private entries: LoggedRequest[] = [];

  constructor(private readonly limit: number) {}

  all(): readonly LoggedRequest[] {
    return this.entries;
  }

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > 2 * this.limit) this.entries = this.entries.slice(-this.limit);
  }

  clear(): void {
    this.entries = [];
  }
}

function messageOf(query: URLSearchParams): Uint8Array {
  const message = query.get("message") ?? "";
  return Buffer.from(message, query.get("base64") === "1" ? "base64url" : "utf8");
}

const parseJson: (text: string) => JsonValue = JSON.parse;
