// The requests that were received, for tests to assert on: what was asked, when, and how it was answered.
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { fromBinary, toJson, type DescMethod, type JsonValue } from "@bufbuild/protobuf";
import { bearerToken } from "./access-control.js";
import type { CodeName } from "./connect-codes.js";
import { logUrl } from "./faults.js";
import { fingerprint } from "./ids.js";

/** One request; what is not known yet, because it is not answered, is undefined. */
export interface LoggedRequest {
  /** The RPC, or `PrebuildLogs` for a log URL. */
  readonly rpc: string;
  /** The simulator's time in milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  /** What was asked for, without the query. */
  readonly path: string;
  /** How it is encoded; `text` for a log, which is asked for without a message. */
  readonly codec: "json" | "proto" | "text";
  /** The request in JSON as it was sent, decoded if it was binary; undefined when it cannot be read, and for a log. */
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

/** A request for a log while it is being answered. */
export class OpenLogEntry implements LoggedRequest {
  readonly rpc = logUrl;
  readonly codec = "text";
  readonly body = undefined;
  readonly token: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  status: number | undefined = undefined;
  code: CodeName | undefined = undefined;
  fault: string | undefined = undefined;

  constructor(
    readonly at: number,
    request: IncomingMessage,
  ) {
    this.method = request.method ?? "";
    this.path = pathOf(request.url);
    ({ token: this.token, headers: this.headers } = told(request));
  }
}

/** What a request said besides its message: the fingerprint of its token, and its other headers. */
export function told({ headers }: IncomingMessage): { token: string | undefined; headers: Record<string, string> } {
  const token = bearerToken(headers.authorization);
  const others = Object.entries(headers).flatMap(([name, value]) =>
    name !== "authorization" && typeof value === "string" ? [[name, value] as const] : [],
  );
  return { token: token === undefined ? undefined : fingerprint(token), headers: Object.fromEntries(others) };
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

  get path(): string {
    return pathOf(this.raw.url);
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
    const { rpc, at, method, path, codec, body, token, headers, status, code, fault } = this;
    return { rpc, at, method, path, codec, body, token, headers, status, code, fault };
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

const pathOf = (url = "") => url.split("?", 1)[0] ?? "";

function messageOf(query: URLSearchParams): Uint8Array {
  const message = query.get("message") ?? "";
  return Buffer.from(message, query.get("base64") === "1" ? "base64url" : "utf8");
}

const parseJson: (text: string) => JsonValue = JSON.parse;
