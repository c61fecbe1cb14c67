/** `pulumi-ona drift`: reads the states and the account, compares, prints. */
import { type Account, listAccount, lookUpPool, lookUpPrebuild, withClient } from "../account.js";
import { readStacks } from "../stack-state.js";
import type { Io } from "../terminal.js";
import { jsonText } from "../format.js";
import { compare, connectionsOf, unlisted } from "./compare.js";
import { type Finding, sorted } from "./findings.js";
import { asJson } from "./json.js";
import { asMarkdown } from "./markdown.js";
import type { Report } from "./report.js";
import { asText } from "./table.js";

/** What the command is told. */
export interface DriftOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
  /** Milliseconds; default 30 min. */
  readonly pendingFor?: number;
  /** Milliseconds; default 24 h. */
  readonly expiresWithin?: number;
  readonly strict?: boolean;
  /** Connections to look at besides those of the stacks. */
  readonly connection?: readonly string[];
}

/** The exit status for drift, as that of `pulumi … --expect-no-changes`. */
const drifted = 7;

/**
 * Compares states with the account and prints the report.
 * @returns the exit status
 * @throws CliError, ConfigError or OnaError; nothing is printed then
 */
export async function runDrift(io: Io, sources: readonly string[], options: DriftOptions): Promise<number> {
  const stacks = await readStacks(io, sources);
  const { pendingFor = 30 * 60_000, expiresWithin = 24 * 3_600_000 } = options;
  const parts: { account: Account; findings: Finding[] }[] = [];
  for (const connection of new Set([...connectionsOf(stacks), ...(options.connection ?? [])])) {
    const part = await withClient(
      io,
      async (client) => {
        const account = await listAccount(client, io);
        const looked = new Map<string, Awaited<ReturnType<typeof lookUpPool> | ReturnType<typeof lookUpPrebuild>>>();
        for (const { id, kind } of unlisted(stacks, account, connection)) {
          looked.set(id, await (kind === "WarmPool" ? lookUpPool(client, id) : lookUpPrebuild(client, id)));
        }
        const limits = { pendingFor, expiresWithin };
        return { account, findings: compare({ stacks, account, connection, looked, limits }) };
      },
      { connection },
    );
    parts.push(part);
  }
  const report: Report = {
    stacks,
    accounts: parts.map(({ account }) => account),
    findings: sorted(once(parts.flatMap(({ findings }) => findings))),
  };
  const text = options.json ? jsonText(asJson(report)) : options.markdown ? asMarkdown(report) : asText(report, io);
  io.out(`${text}\n`);
  const counted = options.strict ? report.findings : report.findings.filter(({ drift }) => drift);
  return counted.length > 0 ? drifted : 0;
}

/** What is found over two connections to one account is one finding: that of the resource which manages it, where there is one. */
function once(findings: readonly Finding[]): Finding[] {
  const known = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.kind} ${finding.id} ${finding.resource?.urn}`;
    if (!known.has(key)) known.set(key, finding);
  }
  return [...known.values()];
}
