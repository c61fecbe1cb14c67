/** The real dynamic provider process, called over gRPC like the Pulumi engine does. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import type * as structs from "google-protobuf/google/protobuf/struct_pb";
import { spawnNode, type NodeProcess } from "./spawn-node.js";
import { consumer } from "./warm-pools.js";

// The SDK's own copy, because its stubs reject messages of another copy.
const { Struct } = createRequire(require.resolve("@pulumi/pulumi"))(
  "google-protobuf/google/protobuf/struct_pb.js",
) as typeof structs;

type Properties = Record<string, unknown>;

/** The provider text in the state of every warm pool. */
export const warmPoolStub = 'exports.handler = () => require("pulumi-ona/provider").warmPool;';

/** Pulumi's marker for an unknown value of any type. */
export const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A provider process and its output. */
export class ProviderProcess implements AsyncDisposable {
  readonly #process: NodeProcess;
  readonly #client: rpc.ResourceProviderClient;

  constructor(
    process: NodeProcess,
    client: rpc.ResourceProviderClient,
    readonly printed: string[],
  ) {
    this.#process = process;
    this.#client = client;
  }

  /** Starts the process in the consumer project's folder and configures it. */
  static async start(config: Properties = {}, env: NodeJS.ProcessEnv = {}, isPlain = false): Promise<ProviderProcess> {
    const host = require.resolve("@pulumi/pulumi/cmd/dynamic-provider", { paths: [consumer()] });
    const child = spawnNode([host, "127.0.0.1:1"], { cwd: consumer(), env: { ...process.env, ...env }, isPlain });
    const printed: string[] = [];
    const port = await new Promise<string>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the provider process ended with ${code}: ${printed.join("\n")}`)));
      createInterface(child.stdout).on("line", (line) => {
        if (/^\d+$/.test(line)) resolve(line);
        printed.push(line);
      });
      createInterface(child.stderr).on("line", (line) => printed.push(line));
    });
    const client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const configure = new messages.ConfigureRequest();
    configure.setArgs(Struct.fromJavaScript(config as Record<string, structs.JavaScriptValue>));
    await new Promise<void>((resolve, reject) =>
      client.configure(configure, (error) => (error ? reject(error) : resolve())),
    );
    return new ProviderProcess(child, client, printed);
  }

  /** `Check`: returns the checked inputs, and failures by property. */
  check(
    news: Properties,
    olds: Properties = {},
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const request = new messages.CheckRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return new Promise((resolve, reject) =>
      this.#client.check(request, (error, response) => {
        if (error) return reject(error);
        const failures = response
          .getFailuresList()
          .map((each) => ({ property: each.getProperty(), reason: each.getReason() }));
        resolve({ inputs: response.getInputs()?.toJavaScript() ?? {}, failures });
      }),
    );
  }

  /** `Diff`: returns the changes as the protocol names them, and the properties that require replacement. */
  diff(
    olds: Properties,
    news: Properties,
    id = "id",
  ): Promise<{ changes: "unknown" | "none" | "some"; replaces: string[]; deleteBeforeReplace: boolean }> {
    const request = new messages.DiffRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return new Promise((resolve, reject) =>
      this.#client.diff(request, (error, response) => {
        if (error) return reject(error);
        const changes = (["unknown", "none", "some"] as const)[response.getChanges()] ?? "unknown";
        resolve({
          changes,
          replaces: response.getReplacesList(),
          deleteBeforeReplace: response.getDeletebeforereplace(),
        });
      }),
    );
  }

  /** `Read`: returns the id, empty if the resource is gone, and the live inputs and outputs. */
  read(id: string, olds: Properties): Promise<{ id: string; inputs: Properties; properties: Properties }> {
    const request = new messages.ReadRequest();
    request.setId(id);
    request.setProperties(struct(olds));
    return new Promise((resolve, reject) =>
      this.#client.read(request, (error, response) => {
        if (error) return reject(error);
        resolve({
          id: response.getId(),
          inputs: response.getInputs()?.toJavaScript() ?? {},
          properties: response.getProperties()?.toJavaScript() ?? {},
        });
      }),
    );
  }

  /** Sends a signal, waits for a line of output that matches, and returns its first group. */
  ask(signal: NodeJS.Signals, answer: RegExp): Promise<string | undefined> {
    const lines = createInterface(this.#process.stdout);
    this.#process.kill(signal);
    return new Promise((resolve) => {
      lines.on("line", (line) => {
        const match = answer.exec(line);
        if (match) resolve(match[1]);
      });
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** CPU time of the process in milliseconds. */
  cpuMilliseconds(): number {
    return cpuMillisecondsOf(this.pid);
  }

  /** The signal that ended the process. */
  get signal(): NodeJS.Signals | null {
    return this.#process.signalCode;
  }

  /** Ends the process like the engine does, and waits for it to exit. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGINT");
    await ended;
  }
}

function struct(properties: Properties): structs.Struct {
  return Struct.fromJavaScript({ __provider: warmPoolStub, ...properties });
}

/** CPU milliseconds of all threads of a running process. Linux counts them in nanoseconds. */
export function cpuMillisecondsOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
