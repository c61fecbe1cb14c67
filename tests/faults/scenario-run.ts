/** One run of the campaign: its steps with everything that disturbs them, then an undisturbed end that must leave nothing wrong. */
import { type LoggedRequest, type Simulator, startSimulator } from "../../src/testing/simulator/index.js";
import { seededRandom } from "../../src/testing/simulator/seeded-random.js";
import { otherHost } from "../support/hosts.js";
import { type CampaignStack, type Declared, type Operation, type Outcome, type Stage } from "./campaign-stack.js";
import { expectStateIsLive, followAdvice, liveObjects, restoreHealth } from "./final-checks.js";
import { BrokenInvariant, Invariants } from "./invariants.js";
import { applyOutsideEvent } from "./outside-events.js";
import { editProgram, type Pair } from "./program-edits.js";
import type { Disturbance, Scenario, Step } from "./random-scenario.js";
import type { Watcher } from "./virtual-clock.js";

/** What runs did, for the figures. */
export interface Tally {
  operations: number;
  calls: number;
  /** Lists that replace the Gets of several pools. */
  lists: number;
  faults: number;
  interrupts: number;
  kills: number;
  failed: number;
  /** Programs that moved to the other host. */
  moves: number;
  /** How often the last `up` failed and its advice was followed. */
  advised: number;
}

const projectCount = 4;
const classCount = 3;
/** Runs start at a fixed time, so that they don't depend on the date. */
const epoch = Date.parse("2026-03-01T12:00:00Z");
const maxRepeatedUps = 5;

/**
 * Runs a scenario.
 * @throws BrokenInvariant with the trail of the run
 */
export async function runScenario(scenario: Scenario, stage: Stage, tally: Tally): Promise<void> {
  const projects = Array.from({ length: projectCount }, (_, project) => ({
    name: `project-${project}`,
    environmentClasses: Array.from({ length: classCount }, (_, each) => ({ name: `class-${each}` })),
  }));
  const sim = await startSimulator({
    projects,
    now: epoch,
    token: "ona-campaign-token-52c1",
    unknowns: scenario.unknowns,
    snapshots: scenario.snapshots,
  });
  const { random } = Math;
  Math.random = seededRandom(scenario.seed);
  const run = new Run(scenario, sim, stage, tally);
  try {
    await failIfStuck(run.all(), stage);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new BrokenInvariant(`${error.message}\n${run.trail.join("\n")}`, { cause: error });
  } finally {
    Math.random = random;
    await run.close();
    await sim.close();
  }
}

class Run implements Watcher {
  /** What the run did, for the analysis of a failure. */
  readonly trail: string[] = [];
  readonly #scenario: Scenario;
  readonly #sim: Simulator;
  readonly #stage: Stage;
  readonly #tally: Tally;
  readonly #pairs: readonly Pair[];
  #openStack: CampaignStack | undefined;
  #openInvariants: Invariants | undefined;
  #disturbance: Disturbance = { kind: "none" };
  #requests = 0;
  /** The program, if the last `up` applied it and nothing has failed since. */
  #settled: readonly Declared[] | undefined;

  constructor(scenario: Scenario, sim: Simulator, stage: Stage, tally: Tally) {
    this.#scenario = scenario;
    this.#sim = sim;
    this.#stage = stage;
    this.#tally = tally;
    this.#pairs = sim.projects.flatMap(({ id, environmentClassIds }) =>
      environmentClassIds.map((environmentClassId) => ({ projectId: id, environmentClassId })),
    );
  }

  async all(): Promise<void> {
    this.#openStack = await this.#stage.open(this.#sim, this, this.#scenario.parallel);
    this.#openStack.host = this.#scenario.host;
    this.#openInvariants = new Invariants(this.#sim, this.#openStack);
    for (const step of this.#scenario.steps) await this.#step(step);
    await this.#end();
  }

  async close(): Promise<void> {
    await this.#openStack?.close();
  }

  onRequest(): void {
    this.#requests++;
    const disturbance = this.#disturbance;
    if ("atRequest" in disturbance && this.#requests === disturbance.atRequest) this.#disturb(disturbance.kind);
  }

  onStall(): boolean {
    const disturbance = this.#disturbance;
    if (!("rpc" in disturbance) || this.#stack.controls === undefined) return false;
    this.#disturb(disturbance.kind);
    return true;
  }

  get #stack(): CampaignStack {
    if (this.#openStack === undefined) throw new Error("the run has not started");
    return this.#openStack;
  }

  get #invariants(): Invariants {
    if (this.#openInvariants === undefined) throw new Error("the run has not started");
    return this.#openInvariants;
  }

  async #step(step: Step): Promise<void> {
    // A move is a change of its own: the processes of two hosts don't know of each other what they adopt.
    if (step.moves && this.#settled === this.#stack.declared) {
      this.#stack.host = otherHost(this.#stack.host);
      this.#tally.moves++;
    } else if (!this.#stack.isMoving) {
      for (const edit of step.edits) this.#stack.declared = editProgram(this.#stack.declared, edit, this.#pairs);
    }
    for (const event of step.events) {
      this.trail.push(`  outside event ${JSON.stringify(event)}`);
      applyOutsideEvent(event, this.#sim, this.#invariants, this.#pairs, this.#stack.declared);
    }
    for (const fault of step.faults) this.#sim.fault(fault);
    this.#arm(step.disturbance);
    await this.#operate(step.operation);
    this.#disturbance = { kind: "none" };
    this.#sim.clearFaults();
  }

  /** Undisturbed `refresh` and `up`. Then state matches the API, the plan is empty, and nobody else's object was touched. */
  async #end(): Promise<void> {
    restoreHealth(this.#sim, this.#invariants);
    if (this.#stack.isPartlyMoved) await this.#upFollowingAdvice();
    await this.#expectSuccess("refresh");
    await this.#upFollowingAdvice();
    await this.#expectNoChanges(false);
    await this.#expectNoChanges(true);
    const before = liveObjects(this.#sim);
    await this.#expectSuccess("refresh");
    expectStateIsLive(this.#sim, this.#stack, before);
    await this.#expectSuccess("destroy");
    for (const each of this.#invariants.alive()) {
      if (!this.#invariants.isForeign(each.id) && !this.#invariants.isAnnounced(each))
        throw new BrokenInvariant(`destroy left ${each.id}`);
    }
  }

  #arm(disturbance: Disturbance): void {
    this.#disturbance = disturbance;
    this.#requests = 0;
    if ("rpc" in disturbance) {
      const { rpc, nth, when } = disturbance;
      this.#sim.fault({ rpc, nth, hang: when });
    }
  }

  #disturb(kind: "interrupt" | "killProvider" | "killAll"): void {
    const { controls } = this.#stack;
    if (controls === undefined) return;
    this.#disturbance = { kind: "none" };
    this.trail.push(`  ${kind}`);
    if (kind === "interrupt") this.#tally.interrupts++;
    else this.#tally.kills++;
    controls[kind]();
  }

  async #operate(operation: Step["operation"]): Promise<Outcome> {
    const { declared, host, state, snapshot } = this.#stack;
    this.trail.push(
      `${operation} (${host}) of ${declared.map(({ name, args }) => `${name} ${JSON.stringify(args)}`).join(", ")}`,
    );
    // A CLI needs at least as long to start. Within one second, a run of the last process could be one of this process.
    this.#sim.clock.advance(2_000);
    const requestsBefore = this.#sim.requests.length;
    const outcome = await this.#stack.run(operationOf(operation, state[0]?.urn));
    await this.#stage.quiet();
    const calls = this.#sim.requests.slice(requestsBefore);
    this.#tally.operations++;
    this.#tally.calls += calls.length;
    this.#tally.lists += calls.filter(isBatchedRead).length;
    this.#tally.faults += calls.filter(({ fault }) => fault !== undefined).length;
    if (!outcome.succeeded) this.#tally.failed++;
    if (!outcome.succeeded || operation === "destroy") this.#settled = undefined;
    else if (changesResources(operation)) this.#settled = declared;
    this.trail.push(
      ...calls.map(({ rpc, body, status, code, fault }) =>
        `    ${rpc} ${JSON.stringify(body)} ${status} ${code ?? ""} ${fault ?? ""}`.trimEnd(),
      ),
      `  ${outcome.succeeded ? "succeeded" : "failed"}`,
      ...outcome.output.map((line) => `    ${line}`),
      `  state: ${this.#stack.snapshot.resources
        .filter(({ id }) => id !== "")
        .map(
          ({ urn, id, delete: isPendingDelete }) =>
            `${urn.split("::").at(-1)} ${id}${isPendingDelete ? " (delete)" : ""}`,
        )
        .join(", ")}`,
    );
    this.#invariants.check(snapshot, outcome, calls);
    if (outcome.succeeded && changesResources(operation)) this.#expectAllFinished();
    return outcome;
  }

  /** A successful `up` finishes everything that a failure left unfinished. */
  #expectAllFinished(): void {
    for (const { urn, outputs } of this.#stack.state)
      if (outputs?.["__unfinished"] === true) throw new BrokenInvariant(`up succeeded and left ${urn} unfinished`);
  }

  async #expectSuccess(operation: Step["operation"]): Promise<void> {
    const { succeeded } = await this.#operate(operation);
    if (!succeeded) throw new BrokenInvariant(`${operation} failed although nothing disturbed it`);
  }

  /** Runs `up`. If it fails, does what its errors advise and runs it again. */
  async #upFollowingAdvice(): Promise<void> {
    for (let repeatedUps = 0; ;) {
      const { succeeded, errors } = await this.#operate("up");
      if (succeeded) return;
      const { declared } = this.#stack;
      const advised = declared.map((each) =>
        followAdvice(each, errors.find(({ urn }) => urn === this.#stack.urnOf(each))?.message ?? ""),
      );
      const runsAgain = errors.some(({ message }) => message.includes("The next `pulumi up` runs it again"));
      if (runsAgain && repeatedUps++ < maxRepeatedUps) continue;
      if (advised.every((each, index) => each === declared[index]))
        throw new BrokenInvariant("up failed although nothing disturbed it, and its errors don't say what to do");
      this.#tally.advised++;
      this.#stack.declared = advised;
    }
  }

  async #expectNoChanges(refresh: boolean): Promise<void> {
    const requestsBefore = this.#sim.requests.length;
    const preview = await this.#stack.run({ command: "preview", refresh });
    this.trail.push(`preview: ${JSON.stringify(preview)}`);
    if (!preview.succeeded || preview.changes.length > 0)
      throw new BrokenInvariant(`a preview ${refresh ? "with refresh " : ""}is not empty`);
    if (!refresh && this.#sim.requests.length > requestsBefore)
      throw new BrokenInvariant("a preview without changes called the API");
  }
}

/** Fails when a run sends nothing for 30 s of real time. Pauses of the machine itself don't count. */
async function failIfStuck(work: Promise<void>, stage: Stage): Promise<void> {
  const stuck = Promise.withResolvers<never>();
  let requests = stage.requests;
  let idleChecks = 0;
  const timer = setInterval(() => {
    idleChecks = stage.requests === requests ? idleChecks + 1 : 0;
    requests = stage.requests;
    if (idleChecks === 15) stuck.reject(new Error(`the run is stuck: ${stage.describe()}`));
  }, 2_000);
  await Promise.race([work, stuck.promise]).finally(() => clearInterval(timer));
}

/** Whether a call lists all warm pools of its projects. A List that looks for the pool of one pair names the class too. */
function isBatchedRead({ rpc, body }: LoggedRequest): boolean {
  return rpc === "ListWarmPools" && !JSON.stringify(body).includes("environmentClassIds");
}

function changesResources(operation: Step["operation"]): boolean {
  return ["up", "upRefresh", "replace"].includes(operation);
}

function operationOf(operation: Step["operation"], firstUrn: string | undefined): Operation {
  switch (operation) {
    case "upRefresh":
      return { command: "up", refresh: true };
    case "replace":
      return { command: "up", replace: firstUrn === undefined ? [] : [firstUrn] };
    case "up":
    case "preview":
    case "refresh":
    case "destroy":
      return { command: operation };
  }
}
