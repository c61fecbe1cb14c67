/** One fault at a time, in every call of a resource's lifecycle, and its consequences. */
import { type Fault, type Simulator, startSimulator } from "../../src/testing/simulator/index.js";
import { typeOf } from "../../src/testing/engine/state/urn.js";
import { type Host, isOurType } from "../support/hosts.js";
import type { VirtualClock } from "./virtual-clock.js";
import { codesAfter, codesBefore, pageStatuses } from "./fault-codes.js";
import type { Pair } from "./program-edits.js";
import { type CampaignStack, type Declared, type Operation, type Outcome } from "./campaign-stack.js";
import { inProcessStage } from "./in-process-stage.js";

/** Names a group of similar faults. */
export interface FaultFamily {
  readonly all: string;
  readonly some: (members: string) => string;
}

const afterEffect: FaultFamily = {
  all: "any error after the call took effect",
  some: (codes) => `${codes} after the call took effect`,
};
const htmlPage: FaultFamily = {
  all: "any HTML page",
  some: (statuses) => `HTML page with HTTP ${statuses}`,
};

/** A fault as the page names it. */
export interface NamedFault {
  readonly name: string;
  readonly fault: Fault;
  /** The group of similar faults that it belongs to, and its name in the group. */
  readonly family?: FaultFamily;
  readonly short?: string;
}

/** A call in the lifecycle of a resource. */
export interface Moment {
  readonly kind: Declared["kind"];
  readonly operation: "preview" | "create" | "refresh" | "update" | "delete";
  readonly rpc: NonNullable<Fault["rpc"]>;
  /** When the resource makes the call, if that is not obvious. */
  readonly when?: string;
  /** How many calls of the RPC succeed before the one that fails. Default: 0. */
  readonly after?: number;
  /** The inputs besides the pair. */
  readonly args?: Declared["args"];
  /** The inputs that an update changes. Default: maxSize. */
  readonly change?: Declared["args"];
  /** Prepares the API just before the operation, so that the call happens. */
  readonly prepareApi?: (sim: Simulator, pair: Pair) => void;
  /** How many more resources of the kind, with other pairs, the operation reads. Default: 0. */
  readonly others?: number;
  /** Leaves the resource unfinished, so that the next `up` continues. */
  readonly unfinished?: boolean;
}

/** The consequences of a fault. */
export interface Result {
  /** The errors of the operation with ids replaced. Empty if it succeeded. */
  readonly errors: string;
  /** What state holds. */
  readonly state: string;
  /** What the next `up` does without a fault. */
  readonly next: string;
}

/** Every fault, in the order of the page. */
export const faults: readonly NamedFault[] = [
  ...codesBefore.map((code) => ({ name: `\`${code}\``, fault: { error: { code } } })),
  ...codesAfter.map((code) => ({
    name: `\`${code}\` after the call took effect`,
    family: afterEffect,
    short: `\`${code}\``,
    fault: { error: { code, when: "after" as const } },
  })),
  {
    name: "rate limit with a retry delay of 7 s",
    fault: { error: { code: "resource_exhausted", retryInfoSeconds: 7 } },
  },
  {
    name: "rate limit with a retry delay of 90 s",
    fault: { error: { code: "resource_exhausted", rateLimitRetryAfter: 90 } },
  },
  { name: "quota exceeded", fault: { error: { code: "resource_exhausted" } } },
  ...pageStatuses.map((status) => ({
    name: `an HTML page with HTTP ${status}`,
    family: htmlPage,
    short: String(status),
    fault: { html: { status } },
  })),
  { name: "redirect to another origin", fault: { redirect: { to: "https://elsewhere.example/api" } } },
  { name: "connection reset", fault: { reset: "before" } },
  { name: "connection reset after the call took effect", fault: { reset: "after" } },
  { name: "no response", fault: { hang: "before" } },
  { name: "no response after the call took effect", fault: { hang: "after" } },
  { name: "half of a response", fault: { truncated: true } },
  { name: "a response that is not JSON", fault: { invalidJson: true } },
  { name: "unknown fields", fault: { unknownFields: true } },
  { name: "an unknown phase", fault: { unknownEnum: true } },
];

const pairIsTaken: Pick<Moment, "args" | "prepareApi"> = {
  args: { minSize: 1, maxSize: 2, adoptExisting: true },
  prepareApi: (sim, pair) => void sim.createPool({ ...pair, minSize: 2, maxSize: 5 }),
};
const loseCreateResponse = (sim: Simulator) => void sim.fault({ rpc: "CreatePrebuild", reset: "after" });
const letRunFail = (sim: Simulator) => sim.nextPrebuild({ end: "failed", log: "no space left\n" });

/** Every call in the lifecycle of a resource. */
export const moments: readonly Moment[] = [
  {
    kind: "warmPool",
    operation: "preview",
    rpc: "ListWarmPools",
    when: "to find the pool that adoptExisting would adopt",
    ...pairIsTaken,
  },
  { kind: "warmPool", operation: "create", rpc: "CreateWarmPool" },
  { kind: "warmPool", operation: "create", rpc: "GetWarmPool", when: "while it waits for READY" },
  {
    kind: "warmPool",
    operation: "create",
    rpc: "ListWarmPools",
    when: "after the response to CreateWarmPool was lost",
    prepareApi: (sim) => void sim.fault({ rpc: "CreateWarmPool", reset: "after" }),
  },
  {
    kind: "warmPool",
    operation: "create",
    rpc: "ListWarmPools",
    when: "to find the pool that adoptExisting adopts",
    ...pairIsTaken,
  },
  {
    kind: "warmPool",
    operation: "create",
    rpc: "UpdateWarmPool",
    when: "to resize the pool that adoptExisting adopts",
    ...pairIsTaken,
  },
  {
    kind: "warmPool",
    operation: "create",
    rpc: "GetWarmPool",
    when: "while it waits until the pair's old pool is deleted",
    prepareApi: (sim, pair) => sim.drain(sim.createPool({ ...pair, minSize: 1, maxSize: 2 }).id),
  },
  { kind: "warmPool", operation: "refresh", rpc: "GetWarmPool" },
  {
    kind: "warmPool",
    operation: "refresh",
    rpc: "ListWarmPools",
    when: "to read three or more at once",
    others: 3,
  },
  {
    kind: "warmPool",
    operation: "refresh",
    rpc: "GetAuthenticatedIdentity",
    when: "after the pool was not found",
    prepareApi: (sim) => sim.pools.forEach(({ id }) => sim.remove(id)),
  },
  { kind: "warmPool", operation: "update", rpc: "GetWarmPool" },
  { kind: "warmPool", operation: "update", rpc: "UpdateWarmPool" },
  {
    kind: "warmPool",
    operation: "update",
    rpc: "GetWarmPool",
    when: "while it waits for READY",
    after: 1,
    args: { minSize: 1, maxSize: 2, waitForReady: false },
    change: { maxSize: 5, waitForReady: true },
  },
  { kind: "warmPool", operation: "delete", rpc: "DeleteWarmPool" },
  { kind: "warmPool", operation: "delete", rpc: "GetWarmPool", when: "while it waits until the pool is deleted" },
  { kind: "prebuild", operation: "create", rpc: "CreatePrebuild" },
  {
    kind: "prebuild",
    operation: "create",
    rpc: "ListPrebuilds",
    when: "after the response to CreatePrebuild was lost",
    prepareApi: loseCreateResponse,
  },
  {
    kind: "prebuild",
    operation: "create",
    rpc: "GetAuthenticatedIdentity",
    when: "after the response to CreatePrebuild was lost",
    prepareApi: loseCreateResponse,
  },
  { kind: "prebuild", operation: "create", rpc: "GetPrebuild", when: "while it waits for COMPLETED" },
  {
    kind: "prebuild",
    operation: "create",
    rpc: "CreatePrebuildLogsToken",
    when: "for the log of a failed run",
    prepareApi: letRunFail,
  },
  {
    kind: "prebuild",
    operation: "create",
    rpc: "PrebuildLogs",
    when: "to read the log of a failed run",
    prepareApi: letRunFail,
  },
  { kind: "prebuild", operation: "refresh", rpc: "GetPrebuild" },
  {
    kind: "prebuild",
    operation: "refresh",
    rpc: "ListPrebuilds",
    when: "to read three or more at once",
    others: 3,
  },
  {
    kind: "prebuild",
    operation: "update",
    rpc: "GetPrebuild",
    when: "to continue to wait for a run",
    unfinished: true,
  },
  { kind: "prebuild", operation: "delete", rpc: "GetPrebuild", when: "before anything is deleted" },
  {
    kind: "prebuild",
    operation: "delete",
    rpc: "CancelPrebuild",
    when: "for a run in progress",
    args: { waitForCompletion: false },
  },
  { kind: "prebuild", operation: "delete", rpc: "DeletePrebuild" },
  { kind: "prebuild", operation: "delete", rpc: "GetPrebuild", when: "while it waits until it is gone", after: 1 },
];

/** The faults that a call can get. A log is plain text, which can fail in fewer ways. */
export function faultsOf({ rpc }: Moment): readonly NamedFault[] {
  const isPossible = ({ fault }: NamedFault) =>
    !("invalidJson" in fault || "unknownFields" in fault || "unknownEnum" in fault || fault.error?.when === "after");
  return rpc === "PrebuildLogs" ? faults.filter(isPossible) : faults;
}

/** The calls during which the page shows a first Ctrl+C: what creates, and the waits. */
export const interrupted = moments.filter(({ operation, rpc, when }) =>
  when === undefined ? operation === "create" && rpc.startsWith("Create") : when.startsWith("while it waits"),
);

/** Runs an operation in which one call fails, or from that call on every call of the RPC. */
export function runSingle(
  moment: Moment,
  { fault }: NamedFault,
  isPermanent: boolean,
  clock: VirtualClock,
  host: Host,
): Promise<Result> {
  const arm = (sim: Simulator, nth: number) =>
    sim.fault({ rpc: moment.rpc, nth, ...fault, ...(isPermanent ? { times: "always" } : {}) });
  return run(moment, clock, host, arm);
}

/** Runs an operation that a first Ctrl+C interrupts when the call is sent. */
export function runInterrupted(moment: Moment, clock: VirtualClock, host: Host): Promise<Result> {
  return run(moment, clock, host, (_sim, nth, interrupt) => {
    const armed = { struck: 0 };
    clock.watch({
      onRequest(path = "") {
        if (!path.endsWith(`/${moment.rpc}`) || --nth !== 0) return;
        armed.struck++;
        interrupt();
      },
      onStall: () => false,
    });
    return armed;
  });
}

async function run(
  moment: Moment,
  clock: VirtualClock,
  host: Host,
  arm: (sim: Simulator, nth: number, interrupt: () => void) => { readonly struck: number },
): Promise<Result> {
  const sim = await startSimulator({ now: Date.parse("2026-03-01T12:00:00Z"), token: "ona-single-token-81d2" });
  const ignore = { onRequest: () => undefined, onStall: () => false };
  try {
    const pairs = pairsOf(sim);
    const [pair] = pairs;
    const declared = pairs.slice(0, 1 + (moment.others ?? 0)).map((each, index) => declaredAs(each, index, moment));
    const stack = await inProcessStage(clock).open(sim, ignore, declared.length);
    stack.host = host;
    await prepare(sim, stack, declared, moment);
    moment.prepareApi?.(sim, pair);
    const nth = (moment.after ?? 0) + 1;
    const armed = arm(sim, nth, () => stack.controls?.interrupt());
    const result = await operate(stack, declared, moment);
    if (armed.struck === 0) throw new Error(`${moment.operation} did not call ${moment.rpc} ${nth} times`);
    const state = stateOf(stack);
    sim.clearFaults();
    const next = await nextUp(stack);
    return { errors: errorsOf(result), state, next };
  } finally {
    await sim.close();
  }
}

function pairsOf(sim: Simulator): readonly [Pair, ...Pair[]] {
  const [first, ...others] = sim.projects.flatMap(({ id, environmentClassIds }) =>
    environmentClassIds.map((environmentClassId) => ({ projectId: id, environmentClassId })),
  );
  if (first === undefined) throw new Error("the simulator's seed has changed");
  return [first, ...others];
}

function declaredAs(pair: Pair, index: number, { kind, args }: Moment): Declared {
  return {
    kind,
    name: index === 0 ? "web" : `other-${index}`,
    args: { ...pair, ...(args ?? (kind === "warmPool" ? { minSize: 1, maxSize: 2 } : {})) },
    aliases: [],
    deleteBeforeReplace: undefined,
    replaceOnChanges: [],
    customTimeouts: undefined,
  };
}

/** Brings the stack to the point at which the operation starts. */
async function prepare(
  sim: Simulator,
  stack: CampaignStack,
  declared: readonly Declared[],
  moment: Moment,
): Promise<void> {
  const { operation, unfinished } = moment;
  if (operation === "create" || operation === "preview") return;
  stack.declared = declared;
  if (unfinished) sim.fault({ rpc: "GetPrebuild", error: { code: "permission_denied" } });
  const { succeeded, errors } = await stack.run({ command: "up" });
  if (!succeeded && !unfinished) throw new Error(`the resource was not created: ${JSON.stringify(errors)}`);
}

const commandOf: Readonly<Record<Moment["operation"], Operation["command"]>> = {
  preview: "preview",
  create: "up",
  refresh: "refresh",
  update: "up",
  delete: "up",
};

function operate(stack: CampaignStack, declared: readonly Declared[], moment: Moment): Promise<Outcome> {
  const { kind, operation, change = { maxSize: 5 } } = moment;
  const changed = declared.map((each) => ({ ...each, args: { ...each.args, ...change } }));
  if (operation === "delete") stack.declared = [];
  else stack.declared = operation === "update" && kind === "warmPool" ? changed : declared;
  return stack.run({ command: commandOf[operation] });
}

async function nextUp(stack: CampaignStack): Promise<string> {
  const next = await stack.run({ command: "up" });
  if (!next.succeeded) return `fails: ${errorsOf(next)}`;
  const changed = next.changes.filter(({ urn }) => isOurType(typeOf(urn))).map(({ op }) => op);
  return changed.length === 0 ? "changes nothing" : (verbs[changed[0] ?? ""] ?? changed.join(", "));
}

/** What the page says for each operation of the engine. */
const verbs: Readonly<Record<string, string>> = {
  create: "creates it",
  update: "continues or updates it",
  delete: "deletes it",
  replace: "replaces it",
};

/** The errors of an operation without what differs between runs. */
function errorsOf({ succeeded, errors }: Outcome): string {
  if (succeeded) return "";
  const lines = errors
    .map(({ message }) => message)
    .filter((message) => !/^(?:update|preview) (?:failed|canceled)$/.test(message));
  const plain = lines.map((message) => message.replace(/^1 error occurred:\n\t\* /, "").trim());
  return [...new Set(plain.filter((message) => !message.startsWith("pulumi-ona: ")))]
    .join(" · ")
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
    .replace(/127\.0\.0\.1:\d+/g, "HOST");
}

function stateOf(stack: CampaignStack): string {
  const resource = stack.state.find(({ urn }) => urn.endsWith("::web"));
  if (resource === undefined) return "nothing";
  const unfinished = resource.outputs?.["__unfinished"] === true ? ", unfinished" : "";
  return `the resource${unfinished}`;
}
