/** `pulumi-ona drift`: reads the stacks and the account, compares them, and prints a report. */
import { requireSameOrganization, tokenOrganizationOf } from "../../lifecycle/wrong-organization.js";
import { type Account, addUnlisted, listAccount, withClient } from "../account.js";
import { formatJson } from "../format.js";
import { NameReader } from "../names.js";
import { readStacks, traitsOf } from "../stack-state.js";
import type { Io } from "../terminal.js";
import { compare, managedResources, unlisted } from "./compare.js";
import { arrange, type Finding } from "./findings.js";
import type { HealthLimits } from "./health.js";
import { formatReport, type Report, toJson, toMarkdown } from "./report.js";

export interface DriftOptions extends HealthLimits {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly strict?: boolean;
  /** Whether ids are shown instead of names, which are not read then. */
  readonly ids?: boolean;
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
  const readers: NameReader[] = [];
  // Without resources, the account of the general settings.
  const connections = resources.length === 0 ? [undefined] : resources.map(({ connection }) => connection);
  for (const connection of new Set([...connections, ...(options.connection ?? [])])) {
    await withClient(io, connection, async (client) => {
      // Only the names in findings are read: most reports have none.
      const names = new NameReader(client, io, options.ids ? "off" : "needed");
      readers.push(names);
      const find = async () => {
        const account = await listAccount(client, io);
        accounts.push(account);
        const complete = await addUnlisted(client, account, unlisted(resources, account, connection));
        const context = { tokenOrganization: tokenOrganizationOf(client, io.clock) };
        for (const { kind, id, outputs } of unlisted(resources, complete, connection))
          await requireSameOrganization(context, traitsOf[kind].kind, id, outputs);
        return compare({ resources, account: complete, connection, limits: options });
      };
      for (const finding of await names.alongside(find, (found) => found))
        findings.push({ ...finding, ...names.namesOf(finding) });
    });
  }
  const report: Report = { stacks, resources, accounts, findings: arrange(findings) };
  const toText = options.markdown ? toMarkdown : formatReport;
  io.out(`${options.json ? formatJson(toJson(report)) : toText(report, io)}\n`);
  readers.find(({ failure }) => failure !== undefined)?.reportFailure();
  return report.findings.some(({ drift }) => drift || options.strict) ? driftStatus : 0;
}
