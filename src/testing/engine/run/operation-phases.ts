/** The phases of an operation: refresh the state, run the program, delete what it did not register. */
import { addDependents } from "../plan/targets.js";
import { planDeletions } from "../plan/deletions.js";
import type { Running } from "./operation-context.js";
import { ReportedError } from "../plan/plan-context.js";
import { failureOf, startProgram } from "../host/program-process.js";
import type { Registrar } from "./registrar.js";
import { prune, type ResourceState } from "../state/resource-state.js";
import type { Step } from "../plan/step-types.js";

/** Reads the resources in the state, or only those that must be read before an update, and stores what it found. */
export async function refreshAll(running: Running, which: "all" | "before-update" = "all"): Promise<void> {
  const { context, executor } = running;
  const { targets, targetDependents } = context.options;
  if (which === "all") requireTargets(running);
  if (targets !== undefined && targetDependents) addDependents(targets, context.resources);
  const steps = new Map<ResourceState, Step & { kind: "refresh" }>();
  for (const state of context.resources) {
    if (targets !== undefined && !targets.has(state.urn)) continue;
    if (which === "before-update" && !state.refreshBeforeUpdate) continue;
    await context.providers.ensure(state.provider, context.resources);
    steps.set(state, { kind: "refresh", urn: state.urn, old: state, new: state, changed: false });
  }
  await Promise.all([...steps.values()].map((step) => executor.start([step], true)));
  const parents = new Map(context.resources.map((state) => [state.urn, state.parent]));
  const found = context.resources.flatMap((state) => {
    const step = steps.get(state);
    if (step === undefined) return [state];
    return step.new === undefined ? [] : [step.new];
  });
  prune(found, parents);
  for (const state of found) state.propertyDependencies = withoutEmpty(state.propertyDependencies);
  running.rebase(found);
  if (executor.errored) throw new ReportedError("a refresh failed");
}

const exitTimeoutMs = 5_000;

/** How long a program of a failed operation may take, in milliseconds. */
const abandonTimeoutMs = 500;

/** Runs the program and its registrations, then deletes what it did not register. */
export async function runProgram(running: Running, registrar: Registrar, address: string): Promise<void> {
  const { environment, executor, halt } = running;
  const program = startProgram({
    startProcess: environment.startProcess,
    project: environment.project,
    stack: environment.stack,
    organization: environment.organization,
    dryRun: running.options.dryRun,
    parallel: environment.parallel,
    config: environment.config,
    monitorAddress: address,
    env: environment.env,
    onLog: (severity, message) => running.report({ severity, message }),
  });
  const watch = watchIdle(running, registrar);
  const halted = new Promise<"halted">((resolve) => {
    if (halt.signal.aborted) resolve("halted");
    halt.signal.addEventListener("abort", () => resolve("halted"), { once: true });
  });
  try {
    const ended = await Promise.race([
      registrar.allDeclared.then(() => "declared" as const),
      failureOf(program),
      watch.hung,
      halted,
    ]);
    if (ended !== "declared" && ended !== undefined && ended !== "halted") {
      running.context.marks.errored = true;
      throw ended === "" ? new ReportedError("the program failed") : new Error(ended);
    }
    await registrar.settle();
    await executor.settle();
    requireTargets(running);
    await deleteTheRest(running);
  } finally {
    watch.stop();
    await executor.settle();
    const isAbandoned = running.halt.signal.aborted || running.context.marks.errored;
    if (isAbandoned) program.abandon();
    else registrar.release();
    const timer = setTimeout(() => program.kill(), isAbandoned ? abandonTimeoutMs : exitTimeoutMs);
    await program.exited.catch(() => undefined);
    clearTimeout(timer);
    program.kill();
    // Failed registrations get their answer only now.
    registrar.release();
  }
}

/** Deletes the resources that this operation did not register, dependents first. */
export async function deleteTheRest(running: Running): Promise<void> {
  const { context, executor, halt, refreshed, options } = running;
  if (halt.signal.aborted || executor.errored || options.kind === "refresh") return;
  const groups = await planDeletions(context, refreshed);
  if (context.marks.errored && !options.dryRun) throw new ReportedError("deletion refused");
  for (const group of groups) {
    await Promise.all(group.map((step) => executor.start([step])));
    if (executor.errored || halt.signal.aborted) return;
  }
}

/** Removes properties without dependencies, as Pulumi does in a refresh. */
function withoutEmpty(dependencies: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(dependencies).filter(([, urns]) => urns.length > 0));
}

/** Fails the operation if a target without wildcards does not exist. */
export function requireTargets(running: Running): void {
  const { context } = running;
  const known = new Set([...context.olds.keys(), ...context.marks.registered]);
  const missing = [context.options.targets, context.options.replaceTargets].flatMap((set) => set?.missing(known) ?? []);
  if (missing.length === 0) return;
  for (const urn of missing) {
    running.report({ severity: "error", message: `no resource named '${urn}' found` });
  }
  throw new ReportedError("targets are missing");
}

/** Detects that a program neither ends nor calls the engine. */
function watchIdle(running: Running, registrar: Registrar): { hung: Promise<string>; stop: () => void } {
  const { deadline } = running.environment;
  const hung = Promise.withResolvers<string>();
  const check = (): void => {
    const idle = registrar.isBusy ? 0 : Date.now() - registrar.lastActivity;
    if (idle >= deadline) {
      hung.resolve(
        `the program hangs: it neither ended nor called the engine for ${deadline} ms (option \`deadline\`)`,
      );
    } else timer = setTimeout(check, Math.max(deadline - idle, 10));
  };
  let timer = setTimeout(check, deadline);
  return { hung: hung.promise, stop: () => clearTimeout(timer) };
}
