/** The engine that started this process. It shows what we report, and this process exits when it is gone. */
import { type ClientHttp2Session, connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Clock } from "../../util/clock.js";
import { escapeColorMarks } from "../../util/text.js";
import { Engine, LogRequestSchema, LogSeverity } from "./gen/pulumi/engine_pb.js";
import { frame, grpcHeaders, pathOf } from "./grpc.js";

/** How long the connection to the engine may be lost before this process exits, in milliseconds. */
const lostTimeoutMs = 10_000;

/** How often a lost connection is tried again, in milliseconds. */
const reconnectIntervalMs = 500;

/** How long the engine may take to receive a line, in milliseconds. */
const lineTimeoutMs = 10_000;

/** The connection to the engine. Standard output and standard error of a plugin are not shown. */
export class EngineConnection {
  #session: ClientHttp2Session | undefined;
  #last: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  readonly #exit: () => void;

  /** @param exit called when the engine is gone */
  constructor(clock: Clock, exit: () => void) {
    this.#clock = clock;
    this.#exit = exit;
  }

  /** Connects, the first time. */
  connect(address: string): void {
    if (this.#session === undefined && address !== "") this.#open(address, this.#clock.monotonic());
  }

  /**
   * Shows a line.
   * @param urn the resource that it is about. Without it, the line is about the stack
   * @param ephemeral whether the next line of the resource replaces it
   */
  log(severity: "INFO" | "WARNING", line: string, urn = "", ephemeral = false): void {
    const message = escapeColorMarks(line);
    const request = create(LogRequestSchema, { severity: LogSeverity[severity], message, urn, ephemeral });
    // One after the other: the engine keeps no order among concurrent calls.
    this.#last = this.#last.then(() => this.#send(toBinary(LogRequestSchema, request)));
  }

  /** Resolves when the engine has received all lines. It may not show one that comes after the response to a call. */
  flush(): Promise<void> {
    return this.#last;
  }

  /** Resolves in any case: an engine that doesn't respond must not hold up an operation. */
  async #send(message: Uint8Array): Promise<void> {
    if (this.#session === undefined || this.#session.closed) return;
    const call = this.#session.request({
      ":method": "POST",
      ":path": pathOf(Engine.method.log),
      te: "trailers",
      ...grpcHeaders,
    });
    const closed = new AbortController();
    call.on("error", () => undefined).on("close", () => closed.abort());
    call.resume().end(frame(message));
    await this.#clock.sleep(lineTimeoutMs, closed.signal).catch(() => undefined);
    call.destroy();
  }

  /** @param lostAt when there was a connection last */
  #open(address: string, lostAt: number): void {
    const session = (this.#session = connect(`http://${address}`));
    session.on("error", () => undefined).on("connect", () => (lostAt = Infinity));
    session.on("close", () => {
      const now = this.#clock.monotonic();
      const since = Math.min(lostAt, now);
      if (now - since >= lostTimeoutMs) return this.#exit();
      void this.#clock.sleep(reconnectIntervalMs).then(() => this.#open(address, since));
    });
  }
}
