/** A stack of the fault campaign: the test engine's stack, wherever its program and provider run. */
import type { Diagnostic, OperationSummary, Stack } from "../../src/testing/engine/index.js";
import type { ResourceState, Snapshot } from "../../src/testing/engine/state/resource-state.js";
import type { Simulator } from "../../src/testing/simulator/index.js";
import { type Host, isOurType, isTypeIn, otherHost, typeIn } from "../support/hosts.js";
import type { Watcher } from "./virtual-clock.js";

/** The project of every stack of the campaign. */
export const projectName = "faults";

/** A resource as a program declares it. */
export interface Declared {
  readonly kind: "warmPool" | "prebuild";
  readonly name: string;
  readonly args: Readonly<Record<string, string | number | boolean>>;
  readonly aliases: readonly string[];
  readonly deleteBeforeReplace: boolean | undefined;
  readonly replaceOnChanges: readonly string[];
  readonly customTimeouts: Readonly<Record<string, string>> | undefined;
}

/** An operation on a stack. */
export interface Operation {
  readonly command: "preview" | "up" | "refresh" | "destroy";
  /** Refresh first, as `--refresh` does. For `preview` and `up`. */
  readonly refresh?: boolean;
  /** URNs to replace. For `up`. */
  readonly replace?: readonly string[];
}

/** What an operation did. */
export interface Outcome {
  readonly succeeded: boolean;
  /** What the operation printed, line by line. */
  readonly output: readonly string[];
  readonly errors: readonly Diagnostic[];
  /** The steps that change something. */
  readonly changes: readonly { readonly op: string; readonly urn: string }[];
}

/** Ways to disturb a running operation. */
export interface Controls {
  /** Does what the first Ctrl+C does. */
  interrupt(): void;
  /** Kills the provider process. */
  killProvider(): void;
  /** Kills the CLI and the provider process. */
  killAll(): void;
}

/** What differs between a stack in this process and one in processes of its own. */
export interface StackHost extends Omit<Controls, "interrupt"> {
  readonly stack: Stack;
  /** Makes the program declare these resources in a host. */
  declare(resources: readonly Declared[], host: Host): void;
  /** Watches the operation that starts. Call the result when it has ended. */
  watch(): () => void;
  /** The state after the last operation. */
  snapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}

/** Where the stacks of runs live. */
export interface Stage {
  /** Creates the stack of a run and reports its requests to the watcher. */
  open(sim: Simulator, watcher: Watcher, parallel: number): Promise<CampaignStack>;
  /** Waits until every call in flight has been answered or hangs. */
  quiet(): Promise<void>;
  /** The number of requests sent. A run in which it doesn't grow is stuck. */
  readonly requests: number;
  /** What a stuck run waits for. */
  describe(): string;
}

/** A stack that a run changes, disturbs, and checks. */
export class CampaignStack {
  /** What the program declares, and in which host. */
  declared: readonly Declared[] = [];
  host: Host = "dynamic";
  snapshot: Snapshot = { resources: [], pending: [] };
  /** Ways to disturb the running operation, undefined between operations. */
  controls: Controls | undefined;
  readonly #host: StackHost;

  constructor(host: StackHost) {
    this.#host = host;
  }

  /** The warm pools and prebuilds in state. */
  get state(): readonly ResourceState[] {
    return this.snapshot.resources.filter(({ type }) => isOurType(type));
  }

  /** Whether state has resources of the host that the program has left. */
  get isMoving(): boolean {
    return this.state.some(({ type }) => !isTypeIn(this.host, type));
  }

  /** Whether an `up` must finish a move before a refresh can: the plugin's inputs don't say where the dynamic provider is. */
  get isPartlyMoved(): boolean {
    return this.state.some(({ type, inputs }) => isTypeIn("dynamic", type) && inputs?.["__provider"] === undefined);
  }

  /** The URN of a resource. */
  urnOf({ kind, name }: Pick<Declared, "kind" | "name">): string {
    return urnOf(typeOf(kind, this.host), name);
  }

  /** Runs an operation on what is declared. */
  async run(operation: Operation): Promise<Outcome> {
    const host = this.#host;
    host.declare(this.declared, this.host);
    this.controls = {
      interrupt: () => host.stack.cancel(),
      killProvider: () => host.killProvider(),
      killAll: () => host.killAll(),
    };
    const stopWatching = host.watch();
    let result: OperationSummary;
    try {
      result = await operate(host.stack, operation);
    } finally {
      stopWatching();
      this.controls = undefined;
    }
    if (operation.command !== "preview") this.snapshot = await host.snapshot();
    return {
      succeeded: result.exitCode === 0,
      output: result.text.split("\n"),
      errors: result.diagnostics.filter(({ severity }) => severity === "error"),
      changes: result.operations.filter(({ op }) => !["same", "read", "refresh"].includes(op)),
    };
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}

function operate(stack: Stack, { command, refresh = false, replace = [] }: Operation): Promise<OperationSummary> {
  switch (command) {
    case "preview":
      return stack.preview({ refresh });
    case "up":
      return stack.up({ refresh, replace });
    case "refresh":
      return stack.refresh();
    case "destroy":
      return stack.destroy();
  }
}

/** The type token of a resource. */
export function typeOf(kind: Declared["kind"], host: Host): string {
  return typeIn(host, kind === "warmPool" ? "WarmPool" : "Prebuild");
}

/** The URN of a resource of the stack. */
export function urnOf(type: string, name: string): string {
  return `urn:pulumi:dev::${projectName}::${type}::${name}`;
}

/** The aliases of a resource: its old names, and the type that each name may have in the other host. */
export function aliasesOf({ kind, name, aliases }: Declared, host: Host): { name: string; type?: string }[] {
  const type = typeOf(kind, otherHost(host));
  return [...aliases.map((old) => ({ name: old })), ...[name, ...aliases].map((each) => ({ name: each, type }))];
}
