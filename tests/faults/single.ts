/** One fault at a time: each RPC, each fault, each operation of a resource's life, and what comes of it. */
import { type Fault, type Simulator, startSimulator } from "../../src/testing/simulator/index";
import type { VirtualClock } from "./clock";
import { type Declared, LocalStack, type Outcome } from "./stack";

/** What happens to a call. */
export interface NamedFault {
  readonly name: string;
  readonly fault: Fault;
}

/** A moment of a resource's life at which a call is made. */
export interface Moment {
  readonly kind: Declared["kind"];
  readonly operation: "create" | "refresh" | "update" | "delete";
  readonly rpc: NonNullable<Fault["rpc"]>;
  /** How it comes to that call, where that is not plain. */
  readonly when?: string;
}

/** What came of a fault. */
export interface Result {
  /** What the operation said, ids replaced; empty where it succeeded. */
  readonly said: string;
  /** What state holds of the resource. */
  readonly state: string;
  /** What the next `up` does, without any fault. */
  readonly next: string;
}

const codesBefore = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;
const codesAfter = [
  "canceled",
  "unknown",
  "deadline_exceeded",
  "aborted",
  "internal",
  "unavailable",
  "data_loss",
] as const;

/** Every fault, in the order of the page. */
export const faults: readonly NamedFault[] = [
  ...codesBefore.map((code) => ({ name: `\`${code}\``, fault: { error: { code } } })),
  ...codesAfter.map((code) => ({
    name: `\`${code}\` after the work was done`,
    fault: { error: { code, when: "after" as const } },
  })),
  { name: "rate limit, with a delay", fault: { error: { code: "resource_exhausted", retryInfoSeconds: 7 } } },
  { name: "rate limit of 90 s", fault: { error: { code: "resource_exhausted", rateLimitRetryAfter: 90 } } },
  { name: "quota", fault: { error: { code: "resource_exhausted" } } },
  ...[200, 400, 401, 403, 404, 429, 500, 502, 503, 504].map((status) => ({
    name: `a page with HTTP ${status}`,
    fault: { html: { status } },
  })),
  { name: "redirect to another origin", fault: { redirect: { to: "https://elsewhere.example/api" } } },
  { name: "connection reset", fault: { reset: "before" } },
  { name: "connection reset after the work was done", fault: { reset: "after" } },
  { name: "no answer", fault: { hang: "before" } },
  { name: "no answer after the work was done", fault: { hang: "after" } },
  { name: "half of an answer", fault: { truncated: true } },
  { name: "an answer that is not JSON", fault: { invalidJson: true } },
  { name: "unknown fields", fault: { unknownFields: true } },
  { name: "an unknown phase", fault: { unknownEnum: true } },
];

/** Every call of a resource's life. */
export const moments: readonly Moment[] = [
  { kind: "warmPool", operation: "create", rpc: "CreateWarmPool" },
  { kind: "warmPool", operation: "create", rpc: "GetWarmPool", when: "while it waits for READY" },
  { kind: "warmPool", operation: "create", rpc: "ListWarmPools", when: "after the answer to CreateWarmPool was lost" },
  { kind: "warmPool", operation: "refresh", rpc: "GetWarmPool" },
  { kind: "warmPool", operation: "update", rpc: "GetWarmPool" },
  { kind: "warmPool", operation: "update", rpc: "UpdateWarmPool" },
  { kind: "warmPool", operation: "delete", rpc: "DeleteWarmPool" },
  { kind: "warmPool", operation: "delete", rpc: "GetWarmPool", when: "while it waits for the drain" },
  { kind: "prebuild", operation: "create", rpc: "ListPrebuilds", when: "before it sends CreatePrebuild" },
  { kind: "prebuild", operation: "create", rpc: "CreatePrebuild" },
  { kind: "prebuild", operation: "create", rpc: "GetPrebuild", when: "while it waits for COMPLETED" },
  { kind: "prebuild", operation: "refresh", rpc: "GetPrebuild" },
  { kind: "prebuild", operation: "delete", rpc: "GetPrebuild", when: "before anything is deleted" },
  { kind: "prebuild", operation: "delete", rpc: "CancelPrebuild", when: "for a run in progress" },
  { kind: "prebuild", operation: "delete", rpc: "DeletePrebuild" },
];

/** Lets one thing go wrong, and looks at what comes of it. */
export async function runSingle(
  moment: Moment,
  { fault }: NamedFault,
  lasts: boolean,
  clock: VirtualClock,
): Promise<Result> {
  const sim = await startSimulator({ now: Date.parse("2026-03-01T12:00:00Z"), token: "ona-single-token-81d2" });
  clock.follow(sim, { onRequest: () => undefined, onStall: () => false });
  try {
    const stack = new LocalStack(
      new Map([
        ["ona:apiKey", { value: sim.token, secret: true }],
        ["ona:baseUrl", { value: sim.url, secret: false }],
      ]),
    );
    const declared = declaredIn(sim, moment);
    await prepare(stack, declared, moment);
    if (moment.rpc === "ListWarmPools") sim.fault({ rpc: "CreateWarmPool", reset: "after" });
    sim.fault({ rpc: moment.rpc, ...fault, ...(lasts ? { times: "always" } : {}) });
    const result = await operate(stack, declared, moment);
    const state = stateOf(stack);
    sim.clearFaults();
    const next = await nextUp(stack);
    return { said: saidBy(result), state, next };
  } finally {
    await sim.close();
  }
}

function declaredIn(sim: Simulator, { kind, rpc }: Moment): Declared {
  const [project] = sim.projects;
  const [environmentClassId] = project?.environmentClassIds ?? [];
  if (project === undefined || environmentClassId === undefined) throw new Error("the simulator's seed has changed");
  const pair = { projectId: project.id, environmentClassId };
  const args =
    kind === "warmPool" ? { minSize: 1, maxSize: 2 } : rpc === "CancelPrebuild" ? { waitForCompletion: false } : {};
  return {
    kind,
    name: "web",
    args: { ...pair, ...args },
    aliases: [],
    deleteBeforeReplace: kind === "warmPool" ? true : undefined,
    replaceOnChanges: [],
    timeouts: undefined,
  };
}

/** Brings the stack to the point from which the operation starts. */
async function prepare(stack: LocalStack, declared: Declared, { operation }: Moment): Promise<void> {
  if (operation === "create") return;
  stack.declared = [declared];
  const { outcome, errors } = await stack.run({ kind: "update" }, 1);
  if (outcome !== "succeeded") throw new Error(`the resource could not be made: ${JSON.stringify(errors)}`);
}

function operate(stack: LocalStack, declared: Declared, { operation }: Moment): Promise<Outcome> {
  switch (operation) {
    case "create":
      stack.declared = [declared];
      return stack.run({ kind: "update" }, 1);
    case "refresh":
      return stack.run({ kind: "refresh" }, 1);
    case "update":
      stack.declared = [{ ...declared, args: { ...declared.args, maxSize: 5 } }];
      return stack.run({ kind: "update" }, 1);
    case "delete":
      stack.declared = [];
      return stack.run({ kind: "update" }, 1);
  }
}

async function nextUp(stack: LocalStack): Promise<string> {
  const next = await stack.run({ kind: "update" }, 1);
  if (next.outcome !== "succeeded") return `fails: ${saidBy(next)}`;
  const changed = next.operations.filter(({ urn }) => urn.includes("/ona:")).map(({ op }) => op);
  return changed.length === 0 ? "has nothing to do" : (words[changed[0] ?? ""] ?? changed.join(", "));
}

/** What an operation of the engine means here. */
const words: Readonly<Record<string, string>> = {
  create: "creates it",
  update: "goes on, or changes it",
  delete: "deletes it",
  replace: "replaces it",
};

/** The errors of an operation, without what differs from run to run. */
export function saidBy({ outcome, errors }: Outcome): string {
  if (outcome === "succeeded") return "";
  const lines = errors.map(({ message }) => message).filter((message) => !/^(?:update|preview) failed$/.test(message));
  const plain = lines.map((message) => message.replace(/^1 error occurred:\n\t\* /, "").trim());
  return [...new Set(plain.filter((message) => !message.startsWith("pulumi-ona: ")))]
    .join(" · ")
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
    .replace(/127\.0\.0\.1:\d+/g, "HOST");
}

function stateOf(stack: LocalStack): string {
  const [resource] = stack.state;
  if (resource === undefined) return "nothing of it";
  const unfinished = resource.outputs?.["__unfinished"] === true ? ", unfinished" : "";
  return `the resource, with its id${unfinished}`;
}
