import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { EngineConnection } from "../../../src/hosts/native/engine.js";
import { LogRequestSchema } from "../../../src/hosts/native/gen/pulumi/engine_pb.js";
import { FakeClock } from "../../support/fake-clock.js";
import { until } from "../../support/until.js";

/** An engine that receives lines, and answers when the test wants. */
class FakeEngine implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #server: Http2Server;

  private constructor(answer: (stream: ServerHttp2Stream) => void) {
    this.#server = createServer().on("session", (session) => this.#sessions.add(session));
    this.#server.on("stream", (stream) => {
      stream.on("data", (bytes: Buffer) => this.lines.push(fromBinary(LogRequestSchema, bytes.subarray(5)).message));
      stream.on("error", () => undefined).on("end", () => answer(stream));
    });
  }

  static async start(answer: (stream: ServerHttp2Stream) => void): Promise<FakeEngine> {
    const engine = new FakeEngine(answer);
    await once(engine.#server.listen(0, "127.0.0.1"), "listening");
    return engine;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
    await closed;
  }
}

const accept = (stream: ServerHttp2Stream) => {
  stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "0" }, { endStream: true });
};

test("lines reach the engine in order, one after the other", async () => {
  const open: ServerHttp2Stream[] = [];
  await using engine = await FakeEngine.start((stream) => void open.push(stream));
  using connection = new EngineConnection(new FakeClock(), () => undefined);
  connection.connect(engine.address);
  for (const line of ["one", "two", "three"]) connection.log("INFO", line);
  for (const count of [1, 2, 3]) {
    await until(() => open.length === count);
    expect(engine.lines).toHaveLength(count);
    accept(open.at(-1) as ServerHttp2Stream);
  }
  await connection.flush();
  expect(engine.lines).toEqual(["one", "two", "three"]);
});

test("an engine that doesn't respond holds up no operation for longer than 10 s per line", async () => {
  await using engine = await FakeEngine.start(() => undefined);
  const clock = new FakeClock();
  using connection = new EngineConnection(clock, () => undefined);
  connection.connect(engine.address);
  connection.log("INFO", "stuck");
  let isFlushed = false;
  const flushed = connection.flush().then(() => (isFlushed = true));
  await until(() => engine.lines.length === 1);
  await clock.advance(9_999);
  expect(isFlushed).toBe(false);
  await clock.advance(1);
  await flushed;
});
