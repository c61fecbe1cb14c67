/** `pulumi-ona drift`: reads the stacks and the account, compares them, and prints a report. */
import { type Account, addUnlisted, listAccount, withClient } from "../account.js";
import { formatJson } from "../format.js";
import { readStacks } from "../stack-state.js";
import type { Io } from "../terminal.js";
import { compare, managedResources, unlisted } from "./compare.js";
import { arrange, type Finding } from "./findings.js";
import type { HealthLimits } from "./health.js";
import { formatReport, type Report, toJson, toMarkdown } from "./report.js";

export interface DriftOptions extends HealthLimits {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly strict?: boolean;
  /** Connections whose accounts are checked in addition to those of the stacks. */
  readonly connection?: readonly string[];
}

/** The exit status for drift, as with Pulumi's `--expect-no-changes`. */
const driftStatus = 7;

/** Compares stacks with their accounts and prints the report, or nothing if it fails. Returns the exit status. */
export async function runDrift(io: Io, sources: readonly string[], options: DriftOptions): Promise<number> {
  const stacks = await readStacks(io, sources);
  const resources = managedResources(stacks);
  const accounts: Account[] = [];
  const findings: Finding[] = [];
  // Without resources, the account of the general settings.
  const connections = resources.length === 0 ? [undefined] : resources.map(({ connection }) => connection);
  for (const connection of new Set([...connections, ...(options.connection ?? [])])) {
    await withClient(io, connection, async (client) => {
      const account = await listAccount(client, io);
      accounts.push(account);
      const complete = await addUnlisted(client, account, unlisted(resources, account, connection));
      for (const finding of compare({ resources, account: complete, connection, limits: options }))
        findings.push(finding);
    });
  }
  const report: Report = { stacks, resources, accounts, findings: arrange(findings) };
  const toText = options.markdown ? toMarkdown : formatReport;
  io.out(`${options.json ? formatJson(toJson(report)) : toText(report, io)}\n`);
  return report.findings.some(({ drift }) => drift || options.strict) ? driftStatus : 0;
}
