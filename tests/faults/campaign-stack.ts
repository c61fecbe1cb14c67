/** A stack in this process: the test engine's planning and state, a list of resources in place of a program, and the provider without a process of its own. */
import { stubText } from "../../src/program/stub.js";
import { newGoal } from "../../src/testing/engine/state/registration.js";
import type { Diagnostic, EngineEvent } from "../../src/testing/engine/run/engine-events.js";
import { runOperation, type Peers } from "../../src/testing/engine/run/operation.js";
import { deleteTheRest } from "../../src/testing/engine/run/operation-phases.js";
import type { Registrar } from "../../src/testing/engine/run/registrar.js";
import type { Environment, OperationOptions } from "../../src/testing/engine/run/operation-context.js";
import type { ResourceState, Snapshot } from "../../src/testing/engine/state/resource-state.js";
import { dynamicPackage, stackType } from "../../src/testing/engine/state/urn.js";
import type { PropertyMap } from "../../src/testing/engine/state/property-values.js";
import { LocalProcess } from "./in-process-provider.js";

/** A resource as a program declares it. */
export interface Declared {
  readonly kind: "warmPool" | "prebuild";
  readonly name: string;
  readonly args: Readonly<Record<string, string | number | boolean>>;
  readonly aliases: readonly string[];
  readonly deleteBeforeReplace: boolean | undefined;
  readonly replaceOnChanges: readonly string[];
  /** `customTimeouts`. */
  readonly timeouts: Readonly<Record<string, string>> | undefined;
}

/** How an operation ended. */
export interface Outcome {
  readonly outcome: "succeeded" | "failed" | "canceled" | "terminated";
  /** What was printed, line by line. */
  readonly said: readonly string[];
  readonly errors: readonly Diagnostic[];
  /** How many resources each operation concerned, the engine's own and `same` left out. */
  readonly changes: Readonly<Record<string, number>>;
  /** The same, one by one. */
  readonly operations: readonly { readonly op: string; readonly urn: string }[];
}

/** Ways to disturb a running operation. */
export interface Controls {
  /** The first ^C. */
  interrupt(): void;
  /** The provider process dies. */
  killProvider(): void;
  /** The CLI dies, and the provider with it. */
  killAll(): void;
}

/** A stack as a run of the campaign needs it. */
export interface CampaignStack {
  /** What the program declares. */
  declared: readonly Declared[];
  readonly snapshot: Snapshot;
  /** The resources of ours in state. */
  readonly state: readonly ResourceState[];
  /** Ways to disturb the operation that runs. */
  readonly controls: Controls | undefined;
  /** Runs an operation on what is declared. */
  run(options: RunOptions, parallel: number): Promise<Outcome>;
  close(): Promise<void>;
}

/** What to run. */
export type RunOptions = Partial<OperationOptions> & Pick<OperationOptions, "kind">;

const projectName = "faults";

/** A stack whose program and provider live in this process. */
export class LocalStack implements CampaignStack {
  snapshot: Snapshot = { resources: [], pending: [] };
  declared: readonly Declared[] = [];
  #controls: Controls | undefined;

  /** @param config the stack's configuration */
  constructor(private readonly config: ReadonlyMap<string, { value: string; secret: boolean }>) {}

  get controls(): Controls | undefined {
    return this.#controls;
  }

  get state(): readonly ResourceState[] {
    return this.snapshot.resources.filter(({ type }) => type.includes("/ona:"));
  }

  async close(): Promise<void> {
    this.#controls?.killAll();
  }

  async run(options: RunOptions, parallel: number): Promise<Outcome> {
    const cancel = new AbortController();
    const terminate = new AbortController();
    const processes: LocalProcess[] = [];
    const said: string[] = [];
    const errors: Diagnostic[] = [];
    const changes: Record<string, number> = {};
    const operations: { op: string; urn: string }[] = [];
    const kill = () => processes.forEach((process) => process.kill());
    this.#controls = {
      interrupt: () => cancel.abort(),
      killProvider: kill,
      killAll: () => {
        terminate.abort();
        kill();
      },
    };
    const environment: Environment = {
      project: {
        name: projectName,
        rootDirectory: "",
        programDirectory: "",
        entryPoint: "",
        typescript: false,
        nodeArgs: [],
        config: new Map(),
      },
      stack: "dev",
      organization: "organization",
      config: this.config,
      env: {},
      parallel,
      deadline: 60_000,
      cancel: cancel.signal,
      terminate: terminate.signal,
      onProviderCall: undefined,
      emit: (event: EngineEvent) => {
        if (event.type === "diagnostic") {
          said.push(event.diagnostic.message);
          if (event.diagnostic.severity === "error") errors.push(event.diagnostic);
        } else if (event.type === "finished" && event.counted && event.op !== "same" && event.op !== "read") {
          changes[event.op] = (changes[event.op] ?? 0) + 1;
          operations.push({ op: event.op, urn: event.step.urn });
        }
      },
    };
    const peers: Peers = {
      startProvider: async (_environment, _address, report) => {
        const process = new LocalProcess((message) => report({ severity: "info", message }));
        processes.push(process);
        return process.attach();
      },
      listen: async () => ({ address: "", stop: () => undefined }),
      runProgram: async (running, registrar) => {
        const halted = new Promise<void>((resolve) =>
          running.halt.signal.addEventListener("abort", () => resolve(), { once: true }),
        );
        try {
          await Promise.race([this.#declareAll(registrar, running.options.dryRun), halted]);
          await registrar.settle();
          await running.executor.settle();
          await deleteTheRest(running);
        } finally {
          await running.executor.settle();
          registrar.release();
        }
      },
    };
    const { snapshot, outcome } = await runOperation(environment, { ...usual, ...options }, this.snapshot, peers);
    this.#controls = undefined;
    if (options.dryRun !== true) this.snapshot = snapshot;
    return { outcome, said, errors, changes, operations };
  }

  /** What the program does: the stack, then each resource. */
  async #declareAll(registrar: Registrar, dryRun: boolean): Promise<void> {
    const root = newGoal({ type: stackType, name: `${projectName}-dev`, inputs: {}, custom: false });
    const { urn } = await registrar.register(root);
    if (this.declared.length > 0) {
      const provider = await registrar.defaultProvider(dynamicPackage);
      const registered = this.declared.map((each) =>
        registrar.register(
          newGoal({
            type: typeOf(each.kind),
            name: each.name,
            parent: urn,
            provider,
            inputs: { ...inputsOf(each), ...(dryRun ? { __preview: true } : {}) },
            aliases: each.aliases.map((name) => ({ name })),
            deleteBeforeReplace: each.deleteBeforeReplace,
            replaceOnChanges: each.replaceOnChanges,
          }),
        ),
      );
      // A registration that fails ends the program, which reports it on its own.
      await Promise.allSettled(registered);
    }
    registrar.registerOutputs(urn, {});
  }
}

/** The type token of a resource. */
export function typeOf(kind: Declared["kind"]): string {
  return `${dynamicPackage}:dynamic/ona:${kind === "warmPool" ? "WarmPool" : "Prebuild"}`;
}

/** The URN of a resource of the stack. */
export function urnOf({ kind, name }: Pick<Declared, "kind" | "name">): string {
  return `urn:pulumi:dev::${projectName}::${typeOf(kind)}::${name}`;
}

const usual: Omit<OperationOptions, "kind"> = {
  dryRun: false,
  refreshFirst: false,
  runProgram: false,
  targets: undefined,
  targetDependents: false,
  replace: [],
  clearPendingCreates: false,
  imports: [],
};

/** The inputs that the program side registers. */
function inputsOf({ kind, name, args, timeouts }: Declared): PropertyMap {
  const inputs: PropertyMap = { ...args, __provider: stubText(kind), __label: name };
  if (timeouts !== undefined) inputs["__timeouts"] = { ...timeouts };
  return inputs;
}
