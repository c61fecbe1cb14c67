/** Stacks in this process, on a virtual clock: a list of resources in place of a program, and simulated provider processes. */
import { stubText } from "../../src/program/stub.js";
import { type ConfigEntry, Stack } from "../../src/testing/engine/index.js";
import { startNode } from "../../src/testing/engine/host/child-process.js";
import { deleteTheRest } from "../../src/testing/engine/run/operation-phases.js";
import { type Peers, runOperation } from "../../src/testing/engine/run/operation.js";
import type { Registrar } from "../../src/testing/engine/run/registrar.js";
import type { PropertyMap } from "../../src/testing/engine/state/property-values.js";
import { newGoal } from "../../src/testing/engine/state/registration.js";
import type { Snapshot } from "../../src/testing/engine/state/resource-state.js";
import { dynamicPackage, stackType } from "../../src/testing/engine/state/urn.js";
import type { Simulator } from "../../src/testing/simulator/index.js";
import { CampaignStack, type Declared, projectName, type Stage, type StackHost, typeOf } from "./campaign-stack.js";
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
  #declared: readonly Declared[] = [];
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
        plugins: new Map(),
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

  declare(resources: readonly Declared[]): void {
    this.#declared = resources;
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
      startProvider: (_environment, _address, report) => {
        const provider = new InProcessProvider((message) => report({ severity: "info", message }));
        this.#providers.push(provider);
        return { attach: () => provider.attach(), stop: async () => provider.kill() };
      },
      listen: async () => ({ address: "", stop: () => undefined }),
      runProgram: async (running, registrar) => {
        const halted = new Promise<void>((resolve) =>
          running.halt.signal.addEventListener("abort", () => resolve(), { once: true }),
        );
        try {
          await Promise.race([declareAll(this.#declared, registrar, running.options.dryRun), halted]);
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

/** Does what the program does: registers the stack, then each resource. */
async function declareAll(declared: readonly Declared[], registrar: Registrar, dryRun: boolean): Promise<void> {
  const root = newGoal({ type: stackType, name: `${projectName}-dev`, inputs: {}, custom: false });
  const { urn } = await registrar.register(root);
  if (declared.length > 0) {
    const provider = await registrar.defaultProvider({ type: dynamicPackage, name: "", parent: "" });
    const registered = declared.map((each) =>
      registrar.register(
        newGoal({
          type: typeOf(each.kind),
          name: each.name,
          parent: urn,
          provider,
          inputs: inputsOf(each, dryRun),
          aliases: each.aliases.map((name) => ({ name })),
          deleteBeforeReplace: each.deleteBeforeReplace,
          replaceOnChanges: [...each.replaceOnChanges],
        }),
      ),
    );
    // A registration that fails is reported by the engine and ends the program.
    await Promise.allSettled(registered);
  }
  registrar.registerOutputs(urn, {});
}

/** The inputs that the program side of this package registers. */
function inputsOf({ kind, name, args, customTimeouts }: Declared, dryRun: boolean): PropertyMap {
  const mark = dryRun ? { __preview: name } : { __urn: `urn:pulumi:dev::${projectName}::${typeOf(kind)}::${name}` };
  const inputs: PropertyMap = { ...args, __provider: stubText(kind), ...mark };
  if (customTimeouts !== undefined) inputs["__timeouts"] = { ...customTimeouts };
  return inputs;
}
