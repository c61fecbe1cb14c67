/**
 * `npm run faults`: lets every fault happen in every call of a resource's lifecycle and writes the consequences to
 * docs/faults.md. With `--print`, it prints the page instead.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { VirtualClock } from "./virtual-clock.js";
import { prepareInProcess } from "./in-process-provider.js";
import {
  faults,
  faultsOf,
  interrupted,
  runInterrupted,
  type Moment,
  moments,
  type NamedFault,
  type Result,
  runSingle,
} from "./single-fault.js";

const root = join(__dirname, "../..");
const kinds = { warmPool: "warm pool", prebuild: "prebuild" } as const;
const operations = {
  preview: "Previewing",
  create: "Creating",
  refresh: "Refreshing",
  update: "Updating",
  delete: "Deleting",
} as const;

/** The error of one call within a longer message. */
const callError =
  /\b(?:Create|Get|Update|Delete|List|Cancel)(?:WarmPools?|Prebuilds?): .*?(?=\. (?:We could not|Checking for|No warm pool|No new|It stays|The (?:warm pool|prebuild) stays|The pool has|The request|Nothing was|Run `pulumi up`)|$)/g;

/** The advice of a call's error, between what state holds and what to do next. */
const callAdvice =
  /(?<=stays in state(?: as it was)?\. |Nothing was changed\. ).*(?=Run (?:`pulumi up`|the command) again)/;

/** What the error about an existing pool says about the pool, and its advice. */
const phaseAndSizes = /\([A-Z]+, minSize \w+, maxSize \w+\)/;
const waysOut =
  /Set `adoptExisting: true` .*?OLD NAME" }\]`(?:\. If this is a replacement .*?`deleteBeforeReplace: true`)?/;

const intro = `# When something fails

This page shows what you see, what state holds, and what the next \`pulumi up\` does, for every call that the provider makes and everything that can go wrong with it. A test
lets each of these failures happen and writes the page (\`npm run faults\`), so it shows what the code does.

- **once**: one call fails. **permanent**: from then on, every call of the command to this RPC fails. The next \`up\` runs without faults.
- "…" stands for the error of the call itself, which is listed [at the end](#errors-of-a-single-call). "(…)" stands for the phase and sizes of a pool, and "[ways out]" for the advice that follows when
  the pair already has a pool: adopt it, import it, or add an alias. The plugin adds the option \`deleteBeforeReplace\`, for a replacement.
- Dynamic resources and the plugin \`ona\` behave the same, unless the page names one of them. They show warnings in different ways: as lines that begin with \`warning:\`, and as warnings of the
  resource, which the CLI counts.
- "after the call took effect" means that the API did what was requested and only the response failed. The same is true of half of a response and of one that is not JSON. Every other
  error comes before the call takes effect.
- Only \`not_found\` means that an object is gone. The page shows it for an object that still exists, to show the consequences. For 10 s after an object was created, the provider
  doesn't trust \`not_found\`. If the token belongs to another organization than the object, \`not_found\` is an error that names both organizations, and the object stays in state.
  If nothing shows whose token it is, a warning asks you to check the account.
- In short: a call that certainly failed is reported and changes nothing. A call that may have taken effect is checked. What exists stays in state. The next \`up\` continues,
  or names the object by id and says what to do.
`;

const introToInterrupts = `## When you press Ctrl+C

- **Dynamic resources**: after the first Ctrl+C, the engine waits until the creates, updates, and deletions that are in progress have finished, as long as their timeouts allow, and starts no others. After
  the second, the provider has 5 s to delete what it was creating.
- **The plugin** ends operations at the first Ctrl+C, as the table shows, and keeps what it has made in state. If a second Ctrl+C comes before that, the engine kills the plugin.
`;

const killed = `## When a process is killed

If the machine goes away, or someone kills the provider process or \`pulumi\` itself, nothing can report an error or clean up. What remains:

- **A pool that was being created** may exist without being in state. The next \`up\` reports that the pair already has a pool, with its id, phase, and sizes. Set \`adoptExisting: true\` to adopt
  it. You can remove the option afterwards. If \`pulumi\` was killed, \`up\` also warns of a pending operation until you run \`pulumi refresh --clear-pending-creates\`.
- **A prebuild that was being created** may continue without being in state, and the next \`up\` starts another run. If \`pulumi\` was killed, that \`up\` also warns of a pending
  operation. \`getPrebuilds({ projectIds, triggeredBy: ["MANUAL"] })\` lists the runs of a project with their creators. A run that nobody deletes expires after seven days.
- **An update or a deletion** is repeated by the next \`up\` or \`destroy\`, based on what the API shows by then.
`;

async function main(): Promise<void> {
  const clock = new VirtualClock();
  prepareInProcess(clock);
  const parts = [intro, await interrupts(clock), killed];
  for (const kind of ["warmPool", "prebuild"] as const) {
    parts.push(`## A ${kinds[kind]}\n`);
    for (const moment of moments.filter((each) => each.kind === kind)) parts.push(await section(moment, clock));
  }
  parts.push(await callErrors(clock));
  const page = parts.join("\n");
  if (process.argv.includes("--print")) process.stdout.write(page);
  else writeFileSync(join(root, "docs/faults.md"), page);
}

async function section(moment: Moment, clock: VirtualClock): Promise<string> {
  const rows: string[] = [];
  for (const isPermanent of [false, true]) {
    const groups = new Map<string, NamedFault[]>();
    for (const fault of faultsOf(moment)) {
      const key = rowOf(await runSingle(moment, fault, isPermanent, clock, "native"));
      groups.set(key, [...(groups.get(key) ?? []), fault]);
    }
    // Faults with the same consequences take the same way through the lifecycle, which both hosts share.
    for (const [row, [fault]] of groups) {
      const dynamic = fault && rowOf(await runSingle(moment, fault, isPermanent, clock, "dynamic"));
      if (dynamic !== row) throw differs(moment, fault?.name ?? "", dynamic);
    }
    const [last, ...others] = [...groups].sort(([, a], [, b]) => b.length - a.length);
    if (last === undefined) continue;
    const how = isPermanent ? "permanent" : "once";
    rows.push(...others.reverse().map(([row, group]) => `| ${namesOf(group)} | ${how} | ${row} |`));
    rows.push(`| ${others.length === 0 ? "any fault" : "any other fault"} | ${how} | ${last[0]} |`);
  }
  return [
    `### ${titleOf(moment)}`,
    "",
    "| fault | | what you see | state holds | the next `up` |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** The names of faults, with those of a family together. */
function namesOf(group: readonly NamedFault[]): string {
  return [...Map.groupBy(group, ({ family, name }) => family ?? name)]
    .map(([family, members]) => {
      if (typeof family === "string") return family;
      const isComplete = faults.every((each) => each.family !== family || members.includes(each));
      return isComplete ? family.all : family.some(members.map(({ short }) => short).join(", "));
    })
    .join("; ");
}

/** What a first Ctrl+C does to each create and wait of the plugin. Those of dynamic resources finish. */
async function interrupts(clock: VirtualClock): Promise<string> {
  const rows: string[] = [];
  for (const moment of interrupted) {
    const dynamic = await runInterrupted(moment, clock, "dynamic");
    if (dynamic.errors !== "" || dynamic.next !== "changes nothing") throw differs(moment, "a first Ctrl+C", dynamic);
    const { errors, state, next } = await runInterrupted(moment, clock, "native");
    rows.push(`| ${titleOf(moment)} | ${errors} | ${state} | ${next} |`);
  }
  return [
    introToInterrupts,
    "| during | what you see | state holds | the next `up` |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function titleOf({ operation, kind, rpc, when }: Moment): string {
  return `${operations[operation]} a ${kinds[kind]}: ${rpc}${when === undefined ? "" : `, ${when}`}`;
}

function differs(moment: Moment, what: string, dynamic: unknown): Error {
  return new Error(`${titleOf(moment)}: dynamic resources differ for ${what}: ${JSON.stringify(dynamic)}`);
}

function rowOf({ errors, state, next }: Result): string {
  const short = (text: string) =>
    text
      .replace(callError, "…")
      .replace(callAdvice, "")
      .replace(phaseAndSizes, "(…)")
      .replace(waysOut, "[ways out]")
      .replaceAll("|", "\\|");
  return [errors === "" ? "success" : short(errors), state, short(next)].join(" | ");
}

/** The error of each fault without the message around it. */
async function callErrors(clock: VirtualClock): Promise<string> {
  const moment = moments.find(({ operation }) => operation === "refresh");
  if (moment === undefined) throw new Error("no call of a refresh is listed");
  const rows: string[] = [];
  for (const fault of faults) {
    const { errors } = await runSingle(moment, fault, true, clock, "native");
    if (errors !== "") rows.push(`| ${fault.name} | ${errors.replaceAll("|", "\\|")} |`);
  }
  return ["## Errors of a single call", "", "| fault | error |", "|---|---|", ...rows, ""].join("\n");
}

void main();
