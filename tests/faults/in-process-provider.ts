/** A provider in this process that can be killed at any moment: the SDK's dynamic host with ours, or the plugin. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { type DynamicProvider, startDynamicHost } from "../../src/hosts/dynamic/provider.js";
import { EngineConnection } from "../../src/hosts/native/engine.js";
import { ResourceProvider } from "../../src/hosts/native/gen/pulumi/provider_pb.js";
import { serviceDefinition } from "../../src/hosts/native/grpc.js";
import { NativeProvider } from "../../src/hosts/native/provider.js";
import { handlersOf } from "../../src/hosts/native/serve.js";
import { prebuildBinding } from "../../src/prebuild/binding.js";
import { prebuildTraits } from "../../src/prebuild/traits.js";
import type { Exit, RunningProcess } from "../../src/testing/engine/host/child-process.js";
import { ProviderHost, type ProviderClient } from "../../src/testing/engine/host/provider-process.js";
import type { Diagnostic } from "../../src/testing/engine/state/diagnostic.js";
import { type Clock, systemClock } from "../../src/util/clock.js";
import { warmPoolBinding } from "../../src/warm-pool/binding.js";
import { warmPoolTraits } from "../../src/warm-pool/traits.js";
import type { Host } from "../support/hosts.js";
import { currentProcess, type SimulatedProcess } from "./virtual-clock.js";

const hostFile = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
const hostRequire = createRequire(hostFile);
/** The host's module. It caches providers for the lifetime of a process, so each simulated process runs it again. */
const runHost = compileFunction(
  readFileSync(hostFile, "utf8"),
  ["exports", "require", "module", "process", "console"],
  { filename: hostFile },
);

/** The service that a host gives to its gRPC server. */
interface Service {
  readonly definition: grpc.ServiceDefinition;
  readonly methods: Readonly<Record<string, unknown>>;
  /** Takes the token away, so that nothing can be sent any more. */
  dropToken(): void;
}

type ServiceMethod = (
  call: { readonly request: unknown },
  done: (error: Partial<grpc.ServiceError> | null | undefined, response: unknown) => void,
) => unknown;

/** Receives what a provider process shows. */
type Report = (diagnostic: Diagnostic) => void;

const methods = [
  "handshake",
  "getPluginInfo",
  "checkConfig",
  "diffConfig",
  "configure",
  "check",
  "diff",
  "create",
  "read",
  "update",
  "delete",
  "cancel",
] as const satisfies readonly (keyof ProviderClient)[];

/** Makes this process ready to run the provider: its environment, its clock, and its console. */
export function prepareInProcess(clock: Clock): void {
  for (const name of ["ONA_API_KEY", "ONA_TOKEN", "GITPOD_API_KEY"]) delete process.env[name];
  Object.assign(systemClock, {
    monotonic: () => clock.monotonic(),
    wall: () => clock.wall(),
    sleep: (milliseconds: number, signal?: AbortSignal) => clock.sleep(milliseconds, signal),
  });
  for (const name of ["log", "error"] as const) {
    const print = console[name].bind(console);
    console[name] = (...parts: unknown[]) => {
      const owner = currentProcess.getStore();
      if (owner === undefined) print(...parts);
      else owner.print(parts.map(String).join(" "));
    };
  }
}

/** A simulated provider process. */
export class InProcessProvider implements RunningProcess {
  readonly exited: Promise<Exit>;
  readonly #process: SimulatedProcess;
  readonly #service: Service;
  readonly #exit = Promise.withResolvers<Exit>();
  /** Fails each running call when the process dies. */
  readonly #running = new Set<() => void>();

  constructor(host: Host, report: Report) {
    this.exited = this.#exit.promise;
    const print = (message: string) => report({ severity: "info", message });
    this.#process = { dead: false, print };
    this.#service = host === "native" ? startPlugin(report) : startDynamic(print);
  }

  /** Connects to the process as the engine does. */
  attach(): Promise<ProviderHost> {
    const calls = Object.fromEntries(methods.map((name) => [name, this.#unary(name)]));
    const client = { ...calls, close: () => undefined } as unknown as ProviderClient;
    return ProviderHost.attach(this, client, { engineAddress: "", onCall: undefined });
  }

  hasExited(): boolean {
    return this.#process.dead;
  }

  /** Lines arrive as they are printed, so there is nothing to wait for. */
  flushOutput(): Promise<void> {
    return Promise.resolve();
  }

  /** SIGINT, which is how a provider process normally ends. */
  signal(): void {
    this.#die({ code: null, signal: "SIGINT" });
  }

  finish(): void {
    this.signal();
  }

  abandon(): void {
    this.kill();
  }

  kill(): void {
    this.#die({ code: null, signal: "SIGKILL" });
  }

  #die(exit: Exit): void {
    if (this.#process.dead) return;
    this.#process.dead = true;
    this.#service.dropToken();
    for (const drop of this.#running) drop();
    this.#exit.resolve(exit);
  }

  /** A call as the engine makes it. Its messages are serialized and parsed as on the wire. */
  #unary(name: (typeof methods)[number]) {
    const engine = ResourceProviderService[name] as unknown as grpc.MethodDefinition<unknown, unknown>;
    const provider = this.#service.definition[name];
    const method = this.#service.methods[name];
    if (provider === undefined || typeof method !== "function") throw new Error(`the provider has no ${name}`);
    return (request: unknown, done: (error: grpc.ServiceError | null, response?: unknown) => void) => {
      let open = true;
      const settle = (report: () => void) => {
        if (!open) return;
        open = false;
        this.#running.delete(drop);
        setImmediate(report);
      };
      const fail = (code: grpc.status, details: string, metadata = new grpc.Metadata()) =>
        settle(() => done(serviceError(code, details, metadata)));
      const drop = () => fail(grpc.status.UNAVAILABLE, "Connection dropped");
      this.#running.add(drop);
      if (this.#process.dead) {
        drop();
      } else {
        const sent: unknown = provider.requestDeserialize(engine.requestSerialize(request));
        currentProcess.run(this.#process, () =>
          (method as ServiceMethod).call(this.#service.methods, { request: sent }, (error, response) => {
            if (error) fail(error.code ?? grpc.status.UNKNOWN, error.details ?? error.message ?? "", error.metadata);
            else settle(() => done(null, engine.responseDeserialize(provider.responseSerialize(response))));
          }),
        );
      }
      return { cancel: () => fail(grpc.status.CANCELLED, "Cancelled on client") };
    };
  }
}

/** Starts the plugin, whose engine is `report`. */
function startPlugin(report: Report): Service {
  class Engine extends EngineConnection {
    override log(severity: "INFO" | "WARNING", message: string, urn = ""): void {
      report({ severity: severity === "INFO" ? "info" : "warning", message, ...(urn === "" ? {} : { urn }) });
    }
  }
  const engine = new Engine(systemClock, () => undefined);
  const resources = {
    WarmPool: { traits: warmPoolTraits, load: async () => warmPoolBinding, list: async () => [] },
    Prebuild: { traits: prebuildTraits, load: async () => prebuildBinding, list: async () => [] },
  };
  const methods = handlersOf(new NativeProvider({ resources, functions: {}, schemaFile: "" }, engine), engine);
  return {
    definition: serviceDefinition(ResourceProvider),
    methods,
    dropToken: () => void methods["configure"]?.({ request: {} } as never, () => undefined),
  };
}

/** Runs the module of the SDK's dynamic host and takes the service that it would serve. */
function startDynamic(print: (line: string) => void): Service {
  const providers = createProviders();
  let methods: Record<string, unknown> | undefined;
  class Server {
    addService(_definition: unknown, implementation: Record<string, unknown>): void {
      methods = implementation;
    }
    bindAsync(_address: string, _credentials: unknown, done: (error: null, port: number) => void): void {
      done(null, 0);
    }
  }
  const module = { exports: {} };
  const log = (...parts: unknown[]) => print(parts.map(String).join(" "));
  /** Runs the provider text of a resource with the providers of this process. */
  const requireFromString = (text: string) => {
    const exports = {};
    const requireForStub = (name: string): unknown => (name === "pulumi-ona/provider" ? providers : hostRequire(name));
    Reflect.apply(compileFunction(text, ["exports", "require"]), undefined, [exports, requireForStub]);
    return exports;
  };
  const requireForHost = (name: string): unknown => {
    if (name === "require-from-string") return requireFromString;
    return name === "@grpc/grpc-js" ? { ...hostRequire(name), Server } : hostRequire(name);
  };
  let first = true;
  const hostConsole = {
    // The first line is the port, which is for the engine.
    log: (...parts: unknown[]) => (first ? (first = false) : log(...parts)),
    error: log,
  };
  const hostProcess = { on: () => undefined, argv: ["node", hostFile, "engine"], exit: () => undefined };
  Reflect.apply(runHost, undefined, [module.exports, requireForHost, module, hostProcess, hostConsole]);
  if (methods === undefined) throw new Error("the SDK's dynamic provider host has changed: it added no service");
  const service = methods;
  return {
    definition: ResourceProviderService,
    methods: service,
    dropToken() {
      // The stack's configuration, once the engine has sent it.
      const config = (service["config"] ?? {}) as Record<string, unknown>;
      for (const key of Object.keys(config)) delete config[key];
    },
  };
}

/** What `pulumi-ona/provider` exports, created for one process. */
function createProviders(): Readonly<Record<string, DynamicProvider>> {
  const makeProvider = startDynamicHost();
  return {
    warmPool: makeProvider(warmPoolTraits, async () => warmPoolBinding),
    prebuild: makeProvider(prebuildTraits, async () => prebuildBinding),
  };
}

function serviceError(code: grpc.status, details: string, metadata: grpc.Metadata): grpc.ServiceError {
  return Object.assign(new Error(`${code} ${grpc.status[code]}: ${details}`), { code, details, metadata });
}
