/** One run of the campaign: its steps with all that disturbs them, then quiet, `refresh` and `up`, and what must be true at the end. */
import { type LoggedRequest, type Simulator, startSimulator } from "../../src/testing/simulator/index.js";
import type { Watcher } from "./virtual-clock.js";
import { advised, calm, expectStateIsLive, liveObjects } from "./final-checks.js";
import { Broken, Ledger } from "./invariants.js";
import { happen } from "./outside-events.js";
import { edited, type Pair } from "./program-edits.js";
import { mulberry32 } from "./seeded-random.js";
import type { Disturbance, Scenario, Step } from "./random-scenario.js";
import { type CampaignStack, type Outcome, type RunOptions, urnOf } from "./campaign-stack.js";

/** What a run did, for figures. */
export interface Tally {
  operations: number;
  calls: number;
  /** Lists that answer for several pools. */
  lists: number;
  faults: number;
  interrupts: number;
  kills: number;
  failed: number;
  /** How often `up` failed in the quiet at the end, and what it advised was done. */
  advised: number;
}

const projectCount = 4;
const classCount = 3;
/** The state begins here, so that runs do not depend on the day. */
const epoch = Date.parse("2026-03-01T12:00:00Z");

/** Where a run takes place. */
export interface Stage {
  /** Makes the stack of a run, which the watcher is to hear about. */
  open(sim: Simulator, watcher: Watcher): Promise<CampaignStack>;
  /** Waits until no call is on its way that will be answered. */
  quiet(): Promise<void>;
  /** How many requests have left: as long as that grows, a run does not stand still. */
  readonly requests: number;
  /** What a run waits for that stands still. */
  describe(): string;
}

/**
 * Runs a scenario.
 * @throws Broken when something did not hold, with what was done until then
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
  Math.random = mulberry32(scenario.seed);
  const run = new Run(scenario, sim, stage, tally);
  try {
    await soon(run.all(), stage);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Broken(`${error.message}\n${run.trail.join("\n")}`, { cause: error });
  } finally {
    Math.random = random;
    await run.close();
    await sim.close();
  }
}

class Run implements Watcher {
  /** What was done, for people. */
  readonly trail: string[] = [];
  #opened: CampaignStack | undefined;
  #account: Ledger | undefined;
  readonly #pairs: readonly Pair[];
  #disturbance: Disturbance = { kind: "none" };
  #requestsBefore = 0;
  #requests = 0;

  constructor(
    private readonly scenario: Scenario,
    private readonly sim: Simulator,
    private readonly stage: Stage,
    private readonly tally: Tally,
  ) {
    this.#pairs = sim.projects.flatMap(({ id, environmentClassIds }) =>
      environmentClassIds.map((environmentClassId) => ({ projectId: id, environmentClassId })),
    );
  }

  async all(): Promise<void> {
    this.#opened = await this.stage.open(this.sim, this);
    this.#account = new Ledger(this.sim, this.#opened);
    for (const step of this.scenario.steps) await this.step(step);
    await this.end();
  }

  async close(): Promise<void> {
    await this.#opened?.close();
  }

  get #stack(): CampaignStack {
    if (this.#opened === undefined) throw new Error("the run has not begun");
    return this.#opened;
  }

  get #ledger(): Ledger {
    if (this.#account === undefined) throw new Error("the run has not begun");
    return this.#account;
  }

  async step(step: Step): Promise<void> {
    for (const edit of step.edits) this.#stack.declared = edited(this.#stack.declared, edit, this.#pairs);
    for (const event of step.events) {
      this.trail.push(`  meanwhile ${JSON.stringify(event)}`);
      happen(event, this.sim, this.#ledger, this.#pairs, this.#stack.declared);
    }
    for (const fault of step.faults) this.sim.fault(fault);
    this.#arm(step.disturbance);
    await this.#operate(step.operation);
    this.#disturbance = { kind: "none" };
    this.sim.clearFaults();
  }

  /** Quiet, `refresh`, `up`: the state is what the API has, the plan is empty, and nothing of others was touched. */
  async end(): Promise<void> {
    calm(this.sim, this.#ledger);

    await this.#expectSuccess("refresh");
    await this.#upFollowingAdvice();
    await this.#expectNoChanges(false);
    await this.#expectNoChanges(true);
    const before = liveObjects(this.sim);
    await this.#expectSuccess("refresh");
    expectStateIsLive(this.sim, this.#stack, before);
    await this.#expectSuccess("destroy");
    for (const each of this.#ledger.alive()) {
      if (!this.#ledger.isForeign(each.id) && !this.#ledger.isAnnounced(each))
        throw new Broken(`destroy has left ${each.id}`);
    }
  }

  onRequest(): void {
    this.#requests++;
    const { kind } = this.#disturbance;
    if (kind === "none" || !("atRequest" in this.#disturbance)) return;
    if (this.#requests - this.#requestsBefore !== this.#disturbance.atRequest) return;
    this.#disturb(kind);
  }

  onStall(): boolean {
    const { kind } = this.#disturbance;
    if (kind === "none" || "atRequest" in this.#disturbance || this.#stack.controls === undefined) return false;
    this.#disturb(kind);
    return true;
  }

  #arm(disturbance: Disturbance): void {
    this.#disturbance = disturbance;
    this.#requestsBefore = this.#requests;
    if ("rpc" in disturbance) {
      const { rpc, nth, when } = disturbance;
      this.sim.fault({ rpc, nth, hang: when });
    }
  }

  #disturb(kind: "interrupt" | "killProvider" | "killAll"): void {
    const { controls } = this.#stack;
    if (controls === undefined) return;
    this.#disturbance = { kind: "none" };
    this.trail.push(`  ${kind}`);
    if (kind === "interrupt") this.tally.interrupts++;
    else this.tally.kills++;
    controls[kind]();
  }

  async #operate(operation: Step["operation"]): Promise<Outcome> {
    const { declared, state, snapshot } = this.#stack;
    this.trail.push(
      `${operation} of ${declared.map(({ name, args }) => `${name} ${JSON.stringify(args)}`).join(", ")}`,
    );
    const requests = this.sim.requests.length;
    const result = await this.#stack.run(optionsOf(operation, state[0]?.urn), this.scenario.parallel);
    await this.stage.quiet();
    const calls = this.sim.requests.slice(requests);
    this.tally.operations++;
    this.tally.calls += calls.length;
    this.tally.lists += calls.filter(isBulk).length;
    this.tally.faults += calls.filter(({ fault }) => fault !== undefined).length;
    if (result.outcome !== "succeeded") this.tally.failed++;
    this.trail.push(
      ...calls.map(({ rpc, body, status, code, fault }) =>
        `    ${rpc} ${JSON.stringify(body)} ${status} ${code ?? ""} ${fault ?? ""}`.trimEnd(),
      ),
      `  ${result.outcome}: ${JSON.stringify(result.changes)}`,
      ...result.said.map((line) => `    ${line}`),
      `  state: ${this.#stack.snapshot.resources
        .filter(({ id }) => id !== "")
        .map(({ urn, id, delete: leaving }) => `${urn.split("::").at(-1)} ${id}${leaving ? " (delete)" : ""}`)
        .join(", ")}`,
    );
    this.#ledger.check(snapshot, result, calls);
    if (result.outcome === "succeeded" && ["up", "upRefresh", "replace"].includes(operation)) this.#expectAllFinished();
    return result;
  }

  /** What a failure has left unfinished, no `up` passes over. */
  #expectAllFinished(): void {
    for (const { urn, outputs } of this.#stack.state)
      if (outputs?.["__unfinished"] === true) throw new Broken(`up has succeeded and left ${urn} unfinished`);
  }

  async #expectSuccess(operation: Step["operation"]): Promise<void> {
    const { outcome } = await this.#operate(operation);
    if (outcome !== "succeeded") throw new Broken(`${operation} has ${outcome} though nothing disturbed it`);
  }

  /** `up`; where it fails, what its error advises is done, and it is run again. */
  async #upFollowingAdvice(): Promise<void> {
    for (let rounds = 0; ;) {
      const { outcome, errors } = await this.#operate("up");
      if (outcome === "succeeded") return;
      const { declared } = this.#stack;
      const adopting = declared.map((each) => {
        const said = errors.find(({ urn }) => urn === urnOf(each))?.message ?? "";
        return advised(each, said);
      });
      const again = errors.some(({ message }) => message.includes("The next `pulumi up` runs it again"));
      if (again && rounds++ < 5) continue;
      if (adopting.every((each, index) => each === declared[index]))
        throw new Broken("up fails in the quiet, and says nothing that helps");
      this.tally.advised++;
      this.#stack.declared = adopting;
    }
  }

  async #expectNoChanges(refreshFirst: boolean): Promise<void> {
    const requests = this.sim.requests.length;
    const preview = await this.#stack.run({ kind: "update", dryRun: true, refreshFirst }, this.scenario.parallel);
    this.trail.push(`preview: ${JSON.stringify(preview)}`);
    if (preview.outcome !== "succeeded" || Object.keys(preview.changes).length > 0)
      throw new Broken(`a preview ${refreshFirst ? "that looks first " : ""}is not empty`);
    if (!refreshFirst && this.sim.requests.length > requests)
      throw new Broken("a preview without changes asked the API");
  }
}

/** Fails where a run stands still in real time. A machine that stood still itself does not count. */
async function soon(work: Promise<void>, stage: Stage): Promise<void> {
  const late = Promise.withResolvers<never>();
  let requests = stage.requests;
  let still = 0;
  const timer = setInterval(() => {
    still = stage.requests === requests ? still + 1 : 0;
    requests = stage.requests;
    if (still === 15) late.reject(new Error(`the run stands still: ${stage.describe()}`));
  }, 2_000);
  await Promise.race([work, late.promise]).finally(() => clearInterval(timer));
}

/** Whether a call lists all warm pools of its projects: a look for the pool of a pair names the class too. */
function isBulk({ rpc, body }: LoggedRequest): boolean {
  return rpc === "ListWarmPools" && !JSON.stringify(body).includes("environmentClassIds");
}

function optionsOf(operation: Step["operation"], first: string | undefined): RunOptions {
  switch (operation) {
    case "up":
      return { kind: "update" };
    case "upRefresh":
      return { kind: "update", refreshFirst: true };
    case "replace":
      return { kind: "update", replace: first === undefined ? [] : [first] };
    case "preview":
      return { kind: "update", dryRun: true };
    case "refresh":
      return { kind: "refresh" };
    case "destroy":
      return { kind: "destroy" };
  }
}
