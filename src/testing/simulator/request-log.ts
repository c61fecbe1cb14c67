/** The requests that the simulator received, for tests to check: what was requested, when, and how it was answered. */
import type { IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { fromBinary, toJson, type DescMethod } from "@bufbuild/protobuf";
import { bearerToken } from "./access-control.js";
import type { CodeName } from "./connect-codes.js";
import { logUrl } from "./faults.js";
import { fingerprint } from "./ids.js";

/** The limit for the body of a request in the log, in bytes. */
const maxLoggedBytes = 8 * 1024;

/** The type of the same name in @bufbuild/protobuf, which our declarations must not reach. */
type JsonValue = number | string | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** One request. `status` and `code` are undefined until it is answered. */
export interface LoggedRequest {
  /** The RPC, or `PrebuildLogs` for a log URL. */
  readonly rpc: string;
  /** The simulator's time in milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  /** The encoding. `text` for a log, whose request has no message. */
  readonly codec: "json" | "proto" | "text";
  /** The message as JSON, decoded if it was binary. Undefined if it is unreadable or over 8 KiB, and for a log. */
  readonly body: JsonValue | undefined;
  /** A fingerprint of the token, never the token itself. Undefined if there was no token. */
  readonly token: string | undefined;
  /** All headers except `Authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The HTTP status of the response. */
  readonly status: number | undefined;
  /** The Connect code of the response, if it is an error. */
  readonly code: CodeName | undefined;
  /** The kind of the fault that the call got. */
  readonly fault: string | undefined;
}

/** The message of an RPC, still encoded. @internal */
export interface RawMessage {
  rpc: DescMethod;
  body: Uint8Array;
}

/** A request while it is being answered. @internal */
export class RequestEntry implements LoggedRequest {
  readonly at: number;
  readonly rpc: string;
  readonly method: string;
  readonly path: string;
  readonly codec: LoggedRequest["codec"];
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  status: number | undefined = undefined;
  code: CodeName | undefined = undefined;
  fault: string | undefined = undefined;
  readonly #query: URLSearchParams | undefined;
  readonly #message: RawMessage | undefined = undefined;
  #decoded: { body: JsonValue | undefined } | undefined;

  /** @param message undefined for a log */
  constructor(at: number, { method = "", url = "", headers }: IncomingMessage, message?: RawMessage) {
    const token = bearerToken(headers.authorization);
    this.at = at;
    this.rpc = message?.rpc.name ?? logUrl;
    this.method = method;
    this.path = url.split("?", 1)[0] ?? "";
    this.token = token === undefined ? undefined : fingerprint(token);
    this.headers = Object.fromEntries(
      Object.entries(headers).filter(
        (header): header is [string, string] => header[0] !== "authorization" && typeof header[1] === "string",
      ),
    );
    this.#query = method === "GET" ? new URL(url, "http://simulator").searchParams : undefined;
    if (message !== undefined && message.body.byteLength <= maxLoggedBytes) this.#message = message;
    const encoding = this.#query?.get("encoding") ?? this.headers["content-type"] ?? "";
    this.codec = message === undefined ? "text" : /\bproto\b/.test(encoding) ? "proto" : "json";
  }

  /** Decoded on first access, which saves a busy server the work. */
  get body(): JsonValue | undefined {
    this.#decoded ??= { body: this.#decode() };
    return this.#decoded.body;
  }

  toJSON(): LoggedRequest {
    const { rpc, at, method, path, codec, body, token, headers, status, code, fault } = this;
    return { rpc, at, method, path, codec, body, token, headers, status, code, fault };
  }

  #decode(): JsonValue | undefined {
    if (this.#message === undefined) return undefined;
    const { rpc, body } = this.#message;
    try {
      const encoded = this.#query === undefined ? body : messageIn(this.#query);
      const compression = this.#query?.get("compression") ?? this.headers["content-encoding"];
      const bytes = compression === "gzip" ? gunzipSync(encoded, { maxOutputLength: maxLoggedBytes }) : encoded;
      if (this.codec === "proto") return toJson(rpc.input, fromBinary(rpc.input, bytes));
      return parseJson(Buffer.from(bytes).toString());
    } catch {
      return undefined;
    }
  }
}

/** The newest requests, oldest first. */
export class RequestLog {
  readonly #limit: number;
  #entries: LoggedRequest[] = [];
  /** The number of the next request. Requests are numbered from 0, also across {@link clear}. */
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  all(): readonly LoggedRequest[] {
    return this.#entries;
  }

  /**
   * The requests from a number on, and the numbers of the first one in the log and of the next one.
   * @param start a negative number counts from the end, as in `Array.slice`
   */
  since(start: number): { first: number; next: number; requests: readonly LoggedRequest[] } {
    const first = this.#next - this.#entries.length;
    const requests = this.#entries.slice(start < 0 ? start : Math.max(0, start - first));
    return { first, next: this.#next, requests };
  }

  add(entry: LoggedRequest): void {
    this.#next++;
    this.#entries.push(entry);
    if (this.#entries.length > 2 * this.#limit) this.#entries = this.#entries.slice(-this.#limit);
  }

  clear(): void {
    this.#entries = [];
  }
}

function messageIn(query: URLSearchParams): Uint8Array {
  const message = query.get("message") ?? "";
  return Buffer.from(message, query.get("base64") === "1" ? "base64url" : "utf8");
}

const parseJson: (text: string) => JsonValue = JSON.parse;
