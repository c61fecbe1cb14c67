/** Runs through the packed package in real processes, which are interrupted and killed for real. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStack, type OperationSummary, type Stack } from "../../src/testing/engine/index.js";
import type { PendingOperation, ResourceState, Snapshot } from "../../src/testing/engine/state/resource-state.js";
import { newState } from "../../src/testing/engine/state/resource-state.js";
import type { Simulator } from "../../src/testing/simulator/index.js";
import { prepareConsumer, writeProgram } from "../support/consumer.js";
import type { Watcher } from "./virtual-clock.js";
import type { Stage } from "./scenario-run.js";
import type { CampaignStack, Controls, Declared, Outcome, RunOptions } from "./campaign-stack.js";

/** How often the simulator is looked at while an operation runs, in real milliseconds. */
const look = 2;

const program = `
const { WarmPool, Prebuild } = require("pulumi-ona");
for (const { kind, name, args, aliases, deleteBeforeReplace, replaceOnChanges, timeouts } of JSON.parse(require("fs").readFileSync("declared.json", "utf8"))) {
  const opts = { aliases: aliases.map((name) => ({ name })), deleteBeforeReplace, replaceOnChanges, customTimeouts: timeouts };
  new (kind === "warmPool" ? WarmPool : Prebuild)(name, args, opts);
}
`;

/** The stage of runs in processes of their own. */
export function processStage(): Stage {
  const consumer = prepareConsumer();
  let sim: Simulator | undefined;
  return {
    async open(simulator, watcher) {
      sim = simulator;
      const folder = writeProgram(consumer, {
        "Pulumi.yaml": "name: faults\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\n",
        "package.json": JSON.stringify({ name: "faults", private: true, main: "index.js" }),
        "declared.json": "[]",
        "index.js": program,
      });
      const stack = await createStack({
        workDir: folder,
        simulator,
        // Real time passes while a call hangs.
        config: { "ona:requestTimeout": "2s", "ona:apiKey": { value: simulator.token, secret: true } },
        env: { NODE_COMPILE_CACHE: join(consumer, ".compile-cache") },
      });
      return new ProcessStack(stack, simulator, folder, watcher);
    },
    async quiet() {
      // What a process that died has sent has arrived long before the next one has started.
    },
    get requests() {
      return sim?.requests.length ?? 0;
    },
    describe: () => "an operation of a stack in processes of its own",
  };
}

class ProcessStack implements CampaignStack {
  declared: readonly Declared[] = [];
  snapshot: Snapshot = { resources: [], pending: [] };
  #controls: Controls | undefined;

  constructor(
    private readonly stack: Stack,
    private readonly sim: Simulator,
    private readonly folder: string,
    private readonly watcher: Watcher,
  ) {}

  get controls(): Controls | undefined {
    return this.#controls;
  }

  get state(): readonly ResourceState[] {
    return this.snapshot.resources.filter(({ type }) => type.includes("/ona:"));
  }

  async run(options: RunOptions): Promise<Outcome> {
    writeFileSync(join(this.folder, "declared.json"), JSON.stringify(this.declared));
    const { stack } = this;
    let interrupted = false;
    this.#controls = {
      interrupt: () => {
        interrupted = true;
        stack.cancel();
      },
      killProvider: () => killProviders(),
      killAll: () => {
        stack.cancel();
        stack.cancel();
      },
    };
    const watching = this.#watch();
    let result: OperationSummary;
    try {
      result = await this.#operate(options);
    } finally {
      clearInterval(watching);
      this.#controls = undefined;
    }
    const pending = await this.#pending();
    if (options.dryRun !== true) this.snapshot = { resources: [...stack.state], pending };
    const { exitCode, text, diagnostics, changeSummary, operations } = result;
    const { same: _same, read: _read, ...changes } = changeSummary;
    const counted = Object.entries(changes).filter(([, count]) => count > 0);
    return {
      outcome: exitCode === 0 ? "succeeded" : exitCode === 8 ? "terminated" : interrupted ? "canceled" : "failed",
      said: text.split("\n"),
      errors: diagnostics.filter(({ severity }) => severity === "error"),
      changes: Object.fromEntries(counted),
      operations,
    };
  }

  async close(): Promise<void> {
    await this.stack.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #operate({ kind, dryRun = false, refreshFirst = false, replace = [] }: RunOptions): Promise<OperationSummary> {
    switch (kind) {
      case "update":
        return dryRun
          ? this.stack.preview({ refresh: refreshFirst })
          : this.stack.up({ refresh: refreshFirst, replace });
      case "refresh":
        return this.stack.refresh();
      case "destroy":
        return this.stack.destroy();
      case "import":
        throw new Error("a campaign imports nothing");
    }
  }

  /** Tells the watcher of requests as they arrive, and of calls that hang. */
  #watch(): NodeJS.Timeout {
    const before = this.sim.requests.length;
    let seen = before;
    let hangs = this.sim.requests.filter(({ fault }) => fault === "hang").length;
    return setInterval(() => {
      const { requests } = this.sim;
      for (; seen < requests.length; seen++) this.watcher.onRequest(seen - before + 1);
      const now = requests.filter(({ fault }) => fault === "hang").length;
      if (now > hangs) this.watcher.onStall();
      hangs = now;
    }, look);
  }

  async #pending(): Promise<PendingOperation[]> {
    const { deployment } = await this.stack.exportDeployment();
    const operations = (
      deployment as { pending_operations?: { type: PendingOperation["type"]; resource: ResourceState }[] }
    ).pending_operations;
    return (operations ?? []).map(({ type, resource }) => ({ type, resource: newState({ ...resource }) }));
  }
}

/** Ends the provider processes that this process has started: they run the SDK's dynamic host. */
function killProviders(): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = / (\d+)$/.exec(readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").slice(0, 4).join(" "))?.[1];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (Number(parent) === process.pid && command.includes("dynamic-provider")) process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}
