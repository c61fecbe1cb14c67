/** Stacks that run the packed package in real processes, which are interrupted and killed for real. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStack, type Stack } from "../../src/testing/engine/index.js";
import { newState } from "../../src/testing/engine/state/resource-state.js";
import type { PendingOperation, ResourceState, Snapshot } from "../../src/testing/engine/state/resource-state.js";
import type { Simulator } from "../../src/testing/simulator/index.js";
import { prepareConsumer, writeProgram } from "../support/consumer.js";
import type { Host } from "../support/hosts.js";
import { projectFiles } from "../support/warm-pools.js";
import { aliasesOf, CampaignStack, type Declared, projectName, type Stage, type StackHost } from "./campaign-stack.js";
import type { Watcher } from "./virtual-clock.js";

/** How often the watcher hears of new requests while an operation runs. */
const watchIntervalMs = 2;

const program = `
const { host, declared } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"));
const { WarmPool, Prebuild } = require(host === "native" ? "./native-sdk.cjs" : "pulumi-ona");
for (const { kind, name, args, aliases, ...opts } of declared)
  new (kind === "warmPool" ? WarmPool : Prebuild)(name, args, { ...opts, aliases });
`;

/** The stage of runs in processes of their own. They use the CLI's default parallelism. */
export function processStage(): Stage {
  const consumer = prepareConsumer();
  let sim: Simulator | undefined;
  return {
    async open(simulator, watcher) {
      sim = simulator;
      const folder = writeProgram(consumer, {
        ...projectFiles(projectName, "native"),
        "index.js": program,
      });
      const stack = await createStack({
        workDir: folder,
        simulator,
        // Real time passes while a call hangs.
        config: { "ona:requestTimeout": "2s", "ona:apiKey": { value: simulator.token, secret: true } },
      });
      return new CampaignStack(new ProcessHost(stack, simulator, folder, watcher));
    },
    // What a killed process has sent arrives long before the next process has started.
    quiet: () => Promise.resolve(),
    get requests() {
      return sim?.requests.length ?? 0;
    },
    describe: () => "an operation of a stack in processes of its own",
  };
}

class ProcessHost implements StackHost {
  readonly stack: Stack;
  readonly #sim: Simulator;
  readonly #folder: string;
  readonly #watcher: Watcher;

  constructor(stack: Stack, sim: Simulator, folder: string, watcher: Watcher) {
    this.stack = stack;
    this.#sim = sim;
    this.#folder = folder;
    this.#watcher = watcher;
  }

  declare(resources: readonly Declared[], host: Host): void {
    const declared = resources.map((each) => ({ ...each, aliases: aliasesOf(each, host) }));
    writeFileSync(join(this.#folder, "declared.json"), JSON.stringify({ host, declared }));
  }

  watch(): () => void {
    let seen = this.#sim.requests.length;
    let hangs = this.#countHangs();
    const timer = setInterval(() => {
      for (; seen < this.#sim.requests.length; seen++) this.#watcher.onRequest();
      const now = this.#countHangs();
      if (now > hangs) this.#watcher.onStall();
      hangs = now;
    }, watchIntervalMs);
    return () => clearInterval(timer);
  }

  killProvider(): void {
    killProviderProcesses();
  }

  killAll(): void {
    this.stack.cancel();
    this.stack.cancel();
  }

  async snapshot(): Promise<Snapshot> {
    const { deployment } = await this.stack.exportDeployment();
    const { pending_operations: pending = [] } = deployment as {
      pending_operations?: { type: PendingOperation["type"]; resource: ResourceState }[];
    };
    return {
      resources: [...this.stack.state],
      pending: pending.map(({ type, resource }) => ({ type, resource: newState({ ...resource }) })),
    };
  }

  async close(): Promise<void> {
    await this.stack.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #countHangs(): number {
    return this.#sim.requests.filter(({ fault }) => fault === "hang").length;
  }
}

/** Kills the provider processes that this process has started. They run the SDK's dynamic host, or the plugin. */
function killProviderProcesses(): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = / (\d+)$/.exec(readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").slice(0, 4).join(" "))?.[1];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (Number(parent) === process.pid && /dynamic-provider|pulumi-resource-ona/.test(command))
        process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }
}
