/** Stacks in this process, on a virtual clock: a list of resources in place of a program, and simulated provider processes. */
import { stubText } from "../../src/program/stub.js";
import { type ConfigEntry, Stack } from "../../src/testing/engine/index.js";
import { startNode } from "../../src/testing/engine/host/child-process.js";
import { deleteTheRest } from "../../src/testing/engine/run/operation-phases.js";
import { referenceTo } from "../../src/testing/engine/host/providers.js";
import type { Running } from "../../src/testing/engine/run/operation-context.js";
import { type Peers, runOperation } from "../../src/testing/engine/run/operation.js";
import type { Registrar } from "../../src/testing/engine/run/registrar.js";
import { type PropertyMap, Secret } from "../../src/testing/engine/state/property-values.js";
import { newGoal } from "../../src/testing/engine/state/registration.js";
import type { CustomTimeouts, Snapshot } from "../../src/testing/engine/state/resource-state.js";
import { dynamicPackage, stackType } from "../../src/testing/engine/state/urn.js";
import type { Simulator } from "../../src/testing/simulator/index.js";
import { parseGoDuration } from "../../src/util/duration.js";
import type { Host } from "../support/hosts.js";
import {
  aliasesOf,
  CampaignStack,
  type Declared,
  projectName,
  type Stage,
  type StackHost,
  typeOf,
  urnOf,
} from "./campaign-stack.js";
import { InProcessProvider } from "./in-process-provider.js";
import type { VirtualClock } from "./virtual-clock.js";

/** The stage of runs that take place in this process. */
export function inProcessStage(clock: VirtualClock, config: Readonly<Record<string, string>> = {}): Stage {
  return {
    async open(sim, watcher, parallel) {
      clock.follow(sim, watcher);
      return new CampaignStack(new InProcessHost(sim, parallel, config));
    },
    quiet: () => clock.quiet(),
    get requests() {
      return clock.requests;
    },
    describe: () => clock.describe(),
  };
}

class InProcessHost implements StackHost {
  readonly stack: Stack;
  #program: Program = { declared: [], host: "dynamic" };
  #snapshot: Snapshot = { resources: [], pending: [] };
  #providers: InProcessProvider[] = [];

  constructor(sim: Simulator, parallel: number, config: Readonly<Record<string, string>>) {
    const plain = Object.entries({ "ona:baseUrl": sim.url, ...config });
    this.stack = new Stack({
      project: {
        name: projectName,
        rootDirectory: "",
        programDirectory: "",
        entryPoint: "",
        typescript: false,
        nodeArgs: [],
        config: new Map(),
        // Not empty, or each program would start the dynamic host.
        plugins: new Map([["ona", ""]]),
      },
      stack: "dev",
      organization: "organization",
      passphrase: "",
      config: new Map<string, ConfigEntry>([
        ["ona:apiKey", { value: sim.token, secret: true }],
        ...plain.map(([key, value]) => [key, { value, secret: false }] as const),
      ]),
      env: {},
      startProcess: startNode,
      parallel,
      deadline: 60_000,
      simulator: undefined,
      onOutput: undefined,
      onProviderCall: undefined,
      cleanUp: () => undefined,
      operate: async (environment, options, before) => {
        this.#providers = [];
        const result = await runOperation(environment, options, before, this.#peers());
        if (!options.dryRun) this.#snapshot = result.snapshot;
        return result;
      },
    });
  }

  declare(declared: readonly Declared[], host: Host): void {
    this.#program = { declared, host };
  }

  watch(): () => void {
    // The clock reports the requests of this process.
    return () => undefined;
  }

  killProvider(): void {
    for (const provider of this.#providers) provider.kill();
  }

  killAll(): void {
    this.stack.cancel();
    this.stack.cancel();
    this.killProvider();
  }

  async snapshot(): Promise<Snapshot> {
    return this.#snapshot;
  }

  async close(): Promise<void> {
    this.killAll();
    await this.stack.close();
  }

  #peers(): Peers {
    return {
      startProvider: (_environment, _address, report, packageName) => {
        const provider = new InProcessProvider(packageName === dynamicPackage ? "dynamic" : "native", report);
        this.#providers.push(provider);
        return { attach: () => provider.attach(), stop: async () => provider.kill() };
      },
      listen: async () => ({ address: "", stop: () => undefined }),
      runProgram: async (running, registrar) => {
        const halted = new Promise<void>((resolve) =>
          running.halt.signal.addEventListener("abort", () => resolve(), { once: true }),
        );
        try {
          await Promise.race([declareAll(this.#program, registrar, running), halted]);
          await registrar.settle();
          await running.executor.settle();
          await deleteTheRest(running);
        } finally {
          await running.executor.settle();
          registrar.release();
        }
      },
    };
  }
}

/** The resources that a program declares in a host. */
interface Program {
  readonly declared: readonly Declared[];
  readonly host: Host;
}

/** Does what the program does: registers the stack, then each resource. */
async function declareAll({ declared, host }: Program, registrar: Registrar, running: Running): Promise<void> {
  const root = newGoal({ type: stackType, name: `${projectName}-dev`, inputs: {}, custom: false });
  const { urn } = await registrar.register(root);
  if (declared.length > 0) {
    const provider = await registerProvider(host, registrar, running);
    const registered = declared.map((each) =>
      registrar.register(
        newGoal({
          type: typeOf(each.kind, host),
          name: each.name,
          parent: urn,
          provider,
          inputs: host === "native" ? { ...each.args } : dynamicInputs(each, running.options.dryRun),
          aliases: aliasesOf(each, host),
          // The class of the dynamic warm pool has a default. An SDK of the plugin has none.
          deleteBeforeReplace:
            each.deleteBeforeReplace ?? (host === "dynamic" && each.kind === "warmPool" ? true : undefined),
          replaceOnChanges: [...each.replaceOnChanges],
          ...(host === "native" ? { customTimeouts: inSeconds(each.customTimeouts) } : {}),
        }),
      ),
    );
    // A registration that fails is reported by the engine and ends the program.
    await Promise.allSettled(registered);
  }
  registrar.registerOutputs(urn, {});
}

/** The default provider of a host. That of the plugin is registered here, because there is no executable. */
async function registerProvider(host: Host, registrar: Registrar, { environment }: Running): Promise<string> {
  if (host === "dynamic") return registrar.defaultProvider({ type: dynamicPackage, name: "", parent: "" });
  const inputs = [...environment.config].map(
    ([key, { value, secret }]) => [key.replace("ona:", ""), secret ? new Secret(value) : value] as const,
  );
  const goal = newGoal({ type: "pulumi:providers:ona", name: "default", inputs: Object.fromEntries(inputs) });
  return referenceTo((await registrar.register(goal)).state);
}

/** Timeouts as the SDK sends them. */
function inSeconds(timeouts: Declared["customTimeouts"] = {}): CustomTimeouts {
  return Object.fromEntries(
    Object.entries(timeouts).map(([operation, text]) => [operation, (parseGoDuration(text) ?? 0) / 1_000]),
  );
}

/** The inputs that the program side of this package registers. */
function dynamicInputs({ kind, name, args, customTimeouts }: Declared, dryRun: boolean): PropertyMap {
  const mark = dryRun ? { __preview: name } : { __urn: urnOf(typeOf(kind, "dynamic"), name) };
  const inputs: PropertyMap = { ...args, __provider: stubText(kind), ...mark };
  if (customTimeouts !== undefined) inputs["__timeouts"] = { ...customTimeouts };
  return inputs;
}
