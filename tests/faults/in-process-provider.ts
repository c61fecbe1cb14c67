/** The dynamic provider as in a process of its own, but in this one: the SDK's host, our provider as it was built, and a death that can come at any moment. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Clock } from "../../src/util/clock.js";
import type { RunningProcess } from "../../src/testing/engine/host/child-process.js";
import { ProviderHost, type ProviderClient } from "../../src/testing/engine/host/provider-process.js";
import { type Life, lives } from "./virtual-clock.js";

const root = join(__dirname, "../..");
const hostFile = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
const hostRequire = createRequire(hostFile);
/** The host's module, compiled once and run anew for each process, since it keeps providers for the life of one. */
const runHost = compileFunction(
  readFileSync(hostFile, "utf8"),
  ["exports", "require", "module", "process", "console"],
  { filename: hostFile },
);

/** The host's service, as it gives it to its gRPC server. */
interface Service {
  /** The stack's configuration, once the engine has sent it. */
  config?: Record<string, unknown>;
  [method: string]: unknown;
}

/** A method of it. */
type Method = (
  call: { readonly request: unknown },
  done: (error: Partial<grpc.ServiceError> | null | undefined, response: never) => void,
) => unknown;

/** Puts a clock under the built provider. */
export function useClock(clock: Clock): void {
  const { systemClock } = builtModule("util/clock") as { systemClock: Clock };
  Object.assign(systemClock, {
    monotonic: () => clock.monotonic(),
    wall: () => clock.wall(),
    sleep: (milliseconds: number, signal?: AbortSignal) => clock.sleep(milliseconds, signal),
  });
}

/** Sends what the built provider prints to the process that it belongs to. */
export function catchConsole(): void {
  const { log, error } = console;
  const instead =
    (usual: (...parts: unknown[]) => void) =>
    (...parts: unknown[]): void => {
      const life = lives.getStore();
      if (life === undefined) usual(...parts);
      else life.print(parts.map(String).join(" "));
    };
  console.log = instead(log);
  console.error = instead(error);
}

/** A simulated provider process. */
export class LocalProcess implements RunningProcess {
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #life: Life;
  readonly #service: Service;
  readonly #end = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  /** The calls that run, to be told that the process has died. */
  readonly #open = new Set<() => void>();

  /** @param print hears each line of the process's output */
  constructor(print: (line: string) => void) {
    this.exited = this.#end.promise;
    this.#life = { dead: false, print };
    this.#service = startService(print);
  }

  /** Greets it as the engine does. */
  async attach(): Promise<ProviderHost> {
    return ProviderHost.attach(this, this.#client(), { engineAddress: "", onCall: undefined });
  }

  hasExited(): boolean {
    return this.#life.dead;
  }

  /** Lines are heard as they are printed. */
  heard(): Promise<void> {
    return Promise.resolve();
  }

  /** SIGINT, the ordinary end of a provider process. */
  signal(): void {
    this.#die({ code: null, signal: "SIGINT" });
  }

  kill(): void {
    this.#die({ code: null, signal: "SIGKILL" });
  }

  #die(exit: { code: number | null; signal: NodeJS.Signals | null }): void {
    if (this.#life.dead) return;
    this.#life.dead = true;
    // Without its token, what is left of the process can send nothing any more.
    const config = this.#service.config ?? {};
    for (const key of Object.keys(config)) delete config[key];
    for (const tell of this.#open) tell();
    this.#end.resolve(exit);
  }

  #client(): ProviderClient {
    const of = ResourceProviderService;
    return {
      handshake: this.#unary("handshake", of.handshake),
      getPluginInfo: this.#unary("getPluginInfo", of.getPluginInfo),
      checkConfig: this.#unary("checkConfig", of.checkConfig),
      diffConfig: this.#unary("diffConfig", of.diffConfig),
      configure: this.#unary("configure", of.configure),
      check: this.#unary("check", of.check),
      diff: this.#unary("diff", of.diff),
      create: this.#unary("create", of.create),
      read: this.#unary("read", of.read),
      update: this.#unary("update", of.update),
      delete: this.#unary("delete", of.delete),
      cancel: this.#unary("cancel", of.cancel),
      close: () => undefined,
    };
  }

  /** A call as the engine makes it; its messages are written and read as they would be on the wire. */
  #unary<Request, Response>(name: string, definition: grpc.MethodDefinition<Request, Response>) {
    return (request: Request, done: (error: grpc.ServiceError | null, response: Response) => void) => {
      const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } = definition;
      let open = true;
      const answer = (settle: () => void) => {
        if (!open) return;
        open = false;
        this.#open.delete(die);
        setImmediate(settle);
      };
      // A unary call that failed has no response; the generated clients' types say otherwise.
      const fail = (code: grpc.status, details: string, metadata = new grpc.Metadata()) =>
        answer(() => done(serviceError(code, details, metadata), undefined as Response));
      const die = () => fail(grpc.status.UNAVAILABLE, "Connection dropped");
      this.#open.add(die);
      if (this.#life.dead) {
        die();
      } else {
        const sent = requestDeserialize(requestSerialize(request));
        lives.run(this.#life, () =>
          methodOf(this.#service, name)({ request: sent }, (error, response: Response) => {
            if (error) fail(error.code ?? grpc.status.UNKNOWN, error.details ?? error.message ?? "", error.metadata);
            else answer(() => done(null, responseDeserialize(responseSerialize(response))));
          }),
        );
      }
      return { cancel: () => fail(grpc.status.CANCELLED, "Cancelled on client") };
    };
  }
}

function startService(print: (line: string) => void): Service {
  for (const name of ["provider", "hosts/dynamic/provider"]) delete require.cache[builtPath(name)];
  let service: Service | undefined;
  class Server {
    addService(_definition: unknown, implementation: Service): void {
      service = implementation;
    }
    bindAsync(_address: string, _credentials: unknown, done: (error: null, port: number) => void): void {
      done(null, 0);
    }
  }
  const module = { exports: {} };
  const said = (...parts: unknown[]) => print(parts.map(String).join(" "));
  const require_ = (name: string): unknown =>
    name === "@grpc/grpc-js" ? { ...hostRequire(name), Server } : hostRequire(name);
  let first = true;
  const console_ = {
    // The first line is the port, for the engine.
    log: (...parts: unknown[]) => (first ? (first = false) : said(...parts)),
    error: said,
  };
  const process_ = { on: () => undefined, argv: ["node", hostFile, "engine"], exit: () => undefined };
  Reflect.apply(runHost, undefined, [module.exports, require_, module, process_, console_]);
  if (service === undefined) throw new Error("the dynamic provider host has changed: it offered no service");
  return service;
}

function methodOf(service: Service, name: string): Method {
  const method = service[name];
  if (typeof method !== "function") throw new Error(`the dynamic provider host has changed: it has no ${name}`);
  return (method as Method).bind(service);
}

function serviceError(code: grpc.status, details: string, metadata = new grpc.Metadata()): grpc.ServiceError {
  return Object.assign(new Error(`${code} ${grpc.status[code]}: ${details}`), { code, details, metadata });
}

function builtPath(name: string): string {
  return join(root, `dist/${name}.js`);
}

function builtModule(name: string): unknown {
  return hostRequire(builtPath(name));
}
