/** Runs one operation on a stack. */
import { UrnSet } from "../plan/targets.js";
import type { Diagnostic } from "../state/diagnostic.js";
import { viewOf } from "./engine-events.js";
import { Executor } from "./step-executor.js";
import { importAll } from "./import-resources.js";
import { Journal } from "./state-journal.js";
import { startMonitor } from "../host/resource-monitor.js";
import { ReportedError, Marks, type PlanOptions } from "../plan/plan-context.js";
import { deleteTheRest, refreshAll, requireTargets, runProgram } from "./operation-phases.js";
import { providerCommand } from "../host/provider-command.js";
import { ProviderHost, type StartedProvider } from "../host/provider-process.js";
import { Providers } from "../host/providers.js";
import { Registrar } from "./registrar.js";
import type { RunningServer } from "../host/grpc.js";
import type { Environment, OperationOptions, Running } from "./operation-context.js";
import type { ResourceState, Snapshot } from "../state/resource-state.js";
import { dynamicPackage } from "../state/urn.js";

/** The result of an operation. */
export interface OperationResult {
  readonly snapshot: Snapshot;
  readonly outcome: "succeeded" | "failed" | "canceled" | "terminated";
}

/** The program and the provider of an operation. */
export interface Peers {
  startProvider(
    environment: Environment,
    engineAddress: string,
    report: Running["report"],
    packageName: string,
  ): StartedProvider;
  /** Starts the services that a program calls. */
  listen(environment: Environment, options: OperationOptions, registrar: Registrar): Promise<RunningServer>;
  runProgram(running: Running, registrar: Registrar, address: string): Promise<void>;
}

/** Separate processes, as with the CLI. */
const processes: Peers = { startProvider, listen, runProgram };

/**
 * Runs an operation. The given snapshot is not modified.
 * @param peers replaces the processes in a test
 */
export async function runOperation(
  environment: Environment,
  options: OperationOptions,
  before: Snapshot,
  peers: Peers = processes,
): Promise<OperationResult> {
  const { terminate, cancel } = environment;
  let address = "";
  let early: StartedProvider | undefined;
  const running = prepare(environment, options, before, (packageName, report) => {
    const isEarly = packageName === dynamicPackage;
    const started = (isEarly ? early : undefined) ?? peers.startProvider(environment, address, report, packageName);
    if (isEarly) early = undefined;
    return started.attach();
  });
  const { context, executor, journal, halt, report } = running;
  const { providers } = context;
  const onCancel = (): void => {
    halt.abort();
    void providers.cancel();
  };
  const onTerminate = (): void => void providers.stop();
  cancel.addEventListener("abort", onCancel);
  terminate.addEventListener("abort", onTerminate);
  if (cancel.aborted) onCancel();
  const registrar = new Registrar(running);
  const server = await peers.listen(environment, options, registrar);
  address = server.address;
  let failed = false;
  try {
    // Most programs without plugins need a dynamic provider, which starts while the program loads.
    if (runsProgram(options) && environment.project.plugins.size === 0) {
      early = peers.startProvider(environment, address, report, dynamicPackage);
    }
    await runPhases(running, registrar, () => peers.runProgram(running, registrar, address));
  } catch (error) {
    failed = true;
    halt.abort();
    if (!(error instanceof ReportedError) && !terminate.aborted) {
      report({ severity: "error", message: error instanceof Error ? error.message : String(error) });
    }
  }
  await executor.settle();
  const errored = failed || executor.errored || context.marks.errored;
  const canceled = cancel.aborted && !errored;
  finishStackOutputs(running, errored || canceled);
  if (!terminate.aborted) {
    // A preview reports a refused replacement and goes on. A refused registration ends it without another line.
    const isRefused = context.marks.errored && !failed && registrar.failure === undefined;
    if (executor.errored || isRefused) report({ severity: "error", message: `${nounOf(options)} failed` });
    else if (canceled) report({ severity: "error", message: `${nounOf(options)} canceled` });
    await providers.cancel();
  }
  await early?.stop(terminate);
  await providers.stop();
  server.stop();
  cancel.removeEventListener("abort", onCancel);
  terminate.removeEventListener("abort", onTerminate);
  const outcome = terminate.aborted ? "terminated" : canceled ? "canceled" : errored ? "failed" : "succeeded";
  return { snapshot: journal.snapshot(), outcome };
}

async function runPhases(running: Running, registrar: Registrar, program: () => Promise<void>): Promise<void> {
  const { options, journal, environment, context, report } = running;
  if (options.clearPendingCreates) journal.clearPendingCreates();
  else if (options.kind !== "refresh" && !options.dryRun && journal.hasPending()) {
    report({ severity: "warning", message: journal.pendingWarning() });
  }
  if (options.kind === "import") return importAll(running, registrar, options.imports);
  const runs = runsProgram(options);
  if ((options.kind === "refresh" && !runs) || options.refreshFirst) await refreshAll(running);
  else if (options.kind !== "refresh" && context.resources.some((state) => state.refreshBeforeUpdate)) {
    await refreshAll(running, "before-update");
  }
  if (environment.cancel.aborted) return;
  if (runs) return program();
  if (options.kind === "destroy") {
    requireTargets(running);
    return deleteTheRest(running);
  }
  context.marks.registered.clear();
}

function runsProgram({ kind, runProgram }: OperationOptions): boolean {
  return kind === "update" || runProgram;
}

function prepare(
  environment: Environment,
  options: OperationOptions,
  before: Snapshot,
  startHost: (packageName: string, report: Running["report"]) => Promise<ProviderHost>,
): Running {
  const { emit } = environment;
  const copies = before.resources.map((state) => ({ ...state }));
  const journal = new Journal(copies, before.pending);
  const halt = new AbortController();
  const report = (diagnostic: Diagnostic): void => emit({ type: "diagnostic", diagnostic });
  const providers = new Providers((packageName) => startHost(packageName, report), options.dryRun);
  const marks = new Marks();
  const context = {
    stack: environment.stack,
    project: environment.project.name,
    options: planOptions(options),
    providers,
    marks,
    resources: copies,
    olds: byUrn(copies),
    report,
  };
  const executor = new Executor({
    parallel: environment.parallel,
    apply: { dryRun: options.dryRun, providers, deletes: marks.deletes, report },
    journal,
    canceled: halt.signal,
    terminated: environment.terminate,
    isRefresh: options.kind === "refresh",
    emit,
    onFailure: () => halt.abort(),
  });
  return {
    environment,
    options,
    context,
    executor,
    journal,
    halt,
    refreshed: new Map(),
    stackOutputs: [],
    report,
    rebase: (found) => {
      journal.rebase(found);
      context.resources = found;
      context.olds = byUrn(found);
    },
  };
}

function startProvider(
  environment: Environment,
  engineAddress: string,
  report: Running["report"],
  packageName: string,
): StartedProvider {
  const { project, env, startProcess, onProviderCall } = environment;
  return ProviderHost.start({
    startProcess,
    command: providerCommand(project, packageName),
    programDirectory: project.programDirectory,
    env: { ...env, PULUMI_NODEJS_PROJECT: project.name, PULUMI_PROJECT: project.name },
    engineAddress,
    onLog: (severity, message) => report({ severity, message }),
    onCall: onProviderCall,
  });
}

function listen(environment: Environment, options: OperationOptions, registrar: Registrar): Promise<RunningServer> {
  const { project, stack, organization, parallel, config } = environment;
  const configSecretKeys = [...config].filter(([, { secret }]) => secret).map(([key]) => key);
  return startMonitor(
    { project: project.name, stack, organization, dryRun: options.dryRun, parallel, configSecretKeys },
    registrar,
  );
}

function planOptions(options: OperationOptions): PlanOptions {
  return {
    dryRun: options.dryRun,
    mode: options.kind === "refresh" || options.kind === "destroy" ? options.kind : "update",
    refreshProgram: options.runProgram && options.kind === "refresh",
    targets: options.targets === undefined ? undefined : new UrnSet(options.targets),
    targetDependents: options.targetDependents,
    replaceTargets: options.replace.length === 0 ? undefined : new UrnSet(options.replace),
  };
}

function byUrn(resources: readonly ResourceState[]): Map<string, ResourceState> {
  return new Map(resources.filter((state) => !state.delete).map((state) => [state.urn, state]));
}

/** Sets the stack's outputs after all steps. After a failure, old outputs stay unless there are new values. */
function finishStackOutputs({ stackOutputs, executor, environment, context }: Running, errored: boolean): void {
  const last = stackOutputs.at(-1);
  const step = last === undefined ? undefined : executor.pendingOutputs.get(last.urn);
  if (last === undefined || step === undefined || !("new" in step) || step.new === undefined) return;
  const before = context.olds.get(last.urn)?.outputs;
  step.new.outputs = errored ? { ...before, ...last.outputs } : last.outputs;
  environment.emit({ type: "outputs", step, view: viewOf(step) });
}

function nounOf(options: OperationOptions): string {
  return options.dryRun ? "preview" : "update";
}
