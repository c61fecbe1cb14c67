/** `npm run faults`: lets every fault happen at every call of a resource's life, and writes docs/faults.md from what comes of it; with `--print` it only prints the page. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { VirtualClock } from "./virtual-clock.js";
import { prepareInProcess } from "./in-process-provider.js";
import { faults, faultsOf, type Moment, moments, type NamedFault, type Result, runSingle } from "./single-fault.js";

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
  /\b(?:Create|Get|Update|Delete|List|Cancel)(?:WarmPools?|Prebuilds?): .*?(?=\. (?:Whether|Looking for|No warm pool|No new|It is kept|It stays|It has|Nothing was|Nothing of it|`pulumi up`)|$)/g;

/** What the error about a pool that exists says of it, and its end. */
const itsSizes = /\([A-Z]+, minSize \w+, maxSize \w+\)/;
const waysOut = /Three ways out: .*?\(the resource option aliases\)/;

const intro = `# When something fails

What people see, what state holds and what the next \`pulumi up\` does, for every call that the provider makes and everything that can go wrong with it. This page is written by a test
that lets each of these happen (\`npm run faults\`), so it says what the code does.

- **once**: one call fails; **lasting**: every call of the command to this RPC fails from then on. The next \`up\` runs without faults.
- "…" stands for the error of the call itself; what that says, and what it advises, is [at the end](#what-the-error-of-a-call-says). "And the ways out" stands for the sentence
  "Three ways out: set adoptExisting to true to take it over; import it (\`npx pulumi-ona import --pool ID --name NAME\` writes the file for \`pulumi import --file\`); or, if this resource was
  renamed or moved, give it an alias of its old name (the resource option aliases)."
- "after the work was done" means that the API did what it was asked and only the answer went wrong. Every other error comes before anything was done.
- \`not_found\` is the one answer that means an object is gone: here the API gives it although the object exists, which shows how much hangs on it. Of what was made just
  now it is not believed for 10 s. Where the token is shown objects of another organization and none of the object's own, it is an error that names both, and nothing leaves state;
  of an account that shows nothing at all, a warning asks whether it is the right one.
- In short: what certainly failed is reported and changes nothing; what may have been done is looked after; what exists stays in state; and the next \`up\` goes on, or says by id what to do.

## When a process is killed

No error can be reported then, and nothing can be tidied up: a machine went away, or the provider process or \`pulumi\` itself was killed. (A second ^C is no such case: what was being created is deleted again, for which
the engine gives 5 s.) What is left:

- **A pool that was being created** may exist without being in state. The next \`up\` says that the pair has a pool already, with its id, phase and sizes: \`adoptExisting: true\` takes it over, and can be
  removed afterwards. If \`pulumi\` was killed, it also warns of a pending operation until \`pulumi refresh --clear-pending-creates\` has cleared it.
- **A prebuild that was being created** may go on without being in state, and the next \`up\` starts another run. While the first one goes on, that \`up\` warns of it, by id; whether somebody else wants it, nothing tells.
  \`getPrebuilds({ projectIds, triggeredBy: ["MANUAL"] })\` lists the runs of a project; one that nobody has expires by itself after seven days.
- **An update or a deletion** is repeated by the next \`up\` or \`destroy\`, from what the API has by then.
`;

async function main(): Promise<void> {
  const clock = new VirtualClock();
  prepareInProcess(clock);
  const parts = [intro];
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
  const { operation, kind, rpc, when } = moment;
  const rows: string[] = [];
  for (const lasts of [false, true]) {
    const groups = new Map<string, NamedFault[]>();
    for (const fault of faultsOf(moment)) {
      const key = rowOf(await runSingle(moment, fault, lasts, clock));
      groups.set(key, [...(groups.get(key) ?? []), fault]);
    }
    const [last, ...others] = [...groups].sort(([, a], [, b]) => b.length - a.length);
    if (last === undefined) continue;
    const how = lasts ? "lasting" : "once";
    rows.push(...others.reverse().map(([row, group]) => `| ${namesOf(group)} | ${how} | ${row} |`));
    rows.push(`| ${others.length === 0 ? "everything" : "everything else"} | ${how} | ${last[0]} |`);
  }
  const title = `### ${operations[operation]} a ${kinds[kind]}: ${rpc}${when === undefined ? "" : `, ${when}`}`;
  return [
    title,
    "",
    "| what goes wrong | | what you see | state holds | the next `up` |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** The faults of a group, those of a kind in one word. */
function namesOf(group: readonly NamedFault[]): string {
  const families = Map.groupBy(group, ({ family, name }) => family ?? name);
  return [...families]
    .map(([family, members]) => {
      const [only] = members;
      if (only?.family === undefined) return family;
      const all = faults.every((each) => each.family !== family || members.includes(each));
      return all && members.length > 3 ? `any ${family}` : `${family} ${members.map(({ short }) => short).join(", ")}`;
    })
    .join("; ");
}

function rowOf({ said, state, next }: Result): string {
  const short = (text: string) =>
    text.replace(callError, "…").replace(itsSizes, "(…)").replace(waysOut, "And the ways out").replaceAll("|", "\\|");
  return [said === "" ? "it succeeds" : short(said), state, short(next)].join(" | ");
}

/** What each fault says by itself: an error without anything around it. */
async function callErrors(clock: VirtualClock): Promise<string> {
  const moment = moments.find(({ operation }) => operation === "refresh");
  if (moment === undefined) throw new Error("no moment of a refresh");
  const rows: string[] = [];
  for (const fault of faults) {
    const { said } = await runSingle(moment, fault, true, clock);
    if (said !== "") rows.push(`| ${fault.name} | ${said.replaceAll("|", "\\|")} |`);
  }
  return ["## What the error of a call says", "", "| what goes wrong | error |", "|---|---|", ...rows, ""].join("\n");
}

void main();
