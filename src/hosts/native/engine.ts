/** The engine that started this process. It shows what we report, and this process exits when it is gone. */
import { create } from "@bufbuild/protobuf";
import { Client, connectivityState, credentials } from "@grpc/grpc-js";
import type { Clock } from "../../util/clock.js";
import { escapeColorMarks } from "../../util/text.js";
import { Engine, LogRequestSchema, LogSeverity } from "./gen/pulumi/engine_pb.js";
import { serviceDefinition } from "./grpc.js";

/** How long the connection to the engine may be lost before this process exits, in milliseconds. */
const lostTimeoutMs = 10_000;

/** How long the engine may take to receive a line, in milliseconds. */
const lineTimeoutMs = 10_000;

const { log } = serviceDefinition(Engine);

/** The connection to the engine. Standard output and standard error of a plugin are not shown. */
export class EngineConnection implements Disposable {
  #client: Client | undefined;
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
    if (this.#client !== undefined || address === "") return;
    this.#client = new Client(address, credentials.createInsecure());
    this.#watch(this.#client);
  }

  /**
   * Shows a line.
   * @param urn the resource that it is about. Without it, the line is about the stack
   * @param ephemeral whether the next line of the resource replaces it
   */
  log(severity: "INFO" | "WARNING", line: string, urn = "", ephemeral = false): void {
    const client = this.#client;
    if (client === undefined || log === undefined) return;
    const message = escapeColorMarks(line);
    const request = create(LogRequestSchema, { severity: LogSeverity[severity], message, urn, ephemeral });
    // One after the other: the engine keeps no order among concurrent calls.
    this.#last = this.#last.then(async () => {
      const received = new AbortController();
      const done = () => received.abort();
      const call = client.makeUnaryRequest(log.path, log.requestSerialize, log.responseDeserialize, request, done);
      // An engine that doesn't respond must not hold up an operation.
      await this.#clock.sleep(lineTimeoutMs, received.signal).catch(() => undefined);
      call.cancel();
    });
  }

  /** Resolves when the engine has received all lines. It may not show one that comes after the response to a call. */
  flush(): Promise<void> {
    return this.#last;
  }

  [Symbol.dispose](): void {
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }

  #watch(client: Client): void {
    if (client !== this.#client) return;
    client.waitForReady(Date.now() + lostTimeoutMs, (error) => {
      if (error !== undefined) return this.#exit();
      client.getChannel().watchConnectivityState(connectivityState.READY, Infinity, () => void this.#watch(client));
    });
  }
}
