/** Compares what stacks declare with what an account contains. Pure functions. */
import type { Properties } from "../../lifecycle/contract.js";
import { isIgnored } from "../../lifecycle/ignore-changes.js";
import { isManagedState, managedNames } from "../../lifecycle/state.js";
import { hasExpired } from "../../prebuild/expiry.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import { readState as readPrebuildState } from "../../prebuild/state.js";
import { isNullish } from "../../util/nullish.js";
import { idForShell, quoteForShell } from "../../util/text.js";
import { normalizeId } from "../../util/uuid.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { warmPoolProperties } from "../../warm-pool/properties.js";
import { readState as readPoolState } from "../../warm-pool/state.js";
import { type Account, pairOf } from "../account.js";
import { adviceToShowSecrets, type StackState, type StateResource } from "../stack-state.js";
import { type Change, type Finding, reporter } from "./findings.js";
import { type HealthLimits, newestByPair, poolHealth, prebuildHealth, unmanagedPrebuilds } from "./health.js";

export interface Comparison {
  /** The {@link managedResources} of all stacks. */
  readonly resources: readonly StateResource[];
  /** The account, including managed objects that its lists omit. */
  readonly account: Account;
  /** The connection that leads to the account. Only resources with this connection are compared. */
  readonly connection?: string | undefined;
  readonly limits: HealthLimits;
}

/** The resources of stacks. A state given twice counts once. */
export function managedResources(stacks: readonly StackState[]): StateResource[] {
  const resources = stacks.flatMap((stack) => stack.resources);
  // A URN is not enough: stacks of two organizations can have the same name.
  return [...new Map(resources.map((each) => [`${each.by.urn} ${each.id} ${each.pendingDelete}`, each])).values()];
}

/** Resources whose objects the account's lists omit, so that each must be read. Not those known to have expired. */
export function unlisted(
  resources: readonly StateResource[],
  account: Account,
  connection?: string,
): readonly StateResource[] {
  const listed = new Set([...account.warmPools, ...account.prebuilds].map(({ id }) => id));
  const missing = resources.filter(
    (resource) =>
      resource.connection === connection &&
      !resource.pendingDelete &&
      !listed.has(resource.id) &&
      resource.outputs["expired"] !== true,
  );
  return [...new Map(missing.map((resource) => [resource.id, resource])).values()];
}

/**
 * All findings about one account. Resources of other connections are not compared but count as managed, because two
 * connections can lead to the same account.
 */
export function compare({ resources, account, connection, limits }: Comparison): Finding[] {
  const { warmPools, prebuilds, now } = account;
  const inStacks = new Set(resources.map(({ id }) => id));
  const current = resources.filter(({ pendingDelete }) => !pendingDelete);
  const owners = new Map(current.map(({ id, by }) => [id, by]));
  const newest = newestByPair(prebuilds);
  const findings = [
    ...current
      .filter((resource) => resource.connection === connection)
      .flatMap((resource) =>
        resource.kind === "WarmPool" ? comparePool(resource, warmPools) : comparePrebuild(resource, prebuilds, now),
      ),
    ...findManagedTwice(current, connection),
    ...warmPools.flatMap((pool) => {
      const owner = owners.get(pool.id);
      // Replaced, and deleted by the next update.
      if (owner === undefined && inStacks.has(pool.id)) return [];
      const health = poolHealth(pool, owner, newest.get(pairOf(pool)), limits, now);
      return owner === undefined && pool.phase !== "DELETING" ? [unmanaged(pool, connection), ...health] : health;
    }),
    ...prebuilds.flatMap((prebuild) => {
      const owner = owners.get(prebuild.id);
      return owner === undefined ? [] : prebuildHealth(prebuild, owner, limits, now);
    }),
    ...unmanagedPrebuilds(account, inStacks, limits),
  ];
  return connection === undefined ? findings : findings.map((finding) => ({ ...finding, connection }));
}

function comparePool(resource: StateResource, pools: readonly WarmPoolDetails[]): Finding[] {
  const { inputs, outputs, ignoreChanges, secretNames } = resource;
  const state = readPoolState(outputs);
  const pool = pools.find(({ id }) => id === resource.id);
  if (pool === undefined) {
    const other = pools.find((each) => pairOf(each) === pairOf(state) && each.phase !== "DELETING");
    const note = other === undefined ? "" : `. Its project and environment class have another pool: ${other.id}`;
    return [reporter("WarmPool", subjectOf(resource), resource.by)("gone", `no longer exists${note}`, true)];
  }
  const managed: readonly string[] = isManagedState(outputs)
    ? state.__managed
    : managedNames(warmPoolProperties, inputs);
  const live: Properties = { ...pool };
  const changes: Change[] = [];
  const encrypted: string[] = [];
  for (const [property, row] of warmPoolProperties.inputs) {
    const declared = normalized(inputs[property] ?? outputs[property]);
    const actual = live[property];
    if (row.live !== "api" || (row.managed && !managed.includes(property))) continue;
    if (isIgnored(property, ignoreChanges)) continue;
    if (isNullish(declared) || declared === actual) continue;
    if (!isPlain(declared)) encrypted.push(property);
    else if (secretNames.includes(property)) changes.push({ property, declared: secret, actual: secret });
    else changes.push({ property, declared, actual: isPlain(actual) ? actual : undefined });
  }
  const report = reporter("WarmPool", pool, resource.by);
  const findings: Finding[] = [];
  if (changes.length > 0) {
    const reason = changes.map(({ property, declared, actual = "none" }) =>
      declared === secret
        ? `${property} is not as declared, which is a secret`
        : `${property} ${declared} => ${actual}`,
    );
    findings.push(report("changed", reason.join(", "), true, changes));
  }
  if (encrypted.length > 0) {
    const reason = `${encrypted.join(" and ")} could not be compared: encrypted in the state. ${adviceToShowSecrets}`;
    findings.push(report("notCompared", reason));
  }
  return findings;
}

/** What a report shows in place of a secret, as Pulumi does. */
const secret = "[secret]";

/** The object of a resource as its state describes it, without secrets. */
function subjectOf({ id, outputs, secretNames }: StateResource) {
  const valueOf = (name: string) => {
    const value = outputs[name];
    return typeof value === "string" && !secretNames.includes(name) ? value : undefined;
  };
  return { id, projectId: valueOf("projectId"), environmentClassId: valueOf("environmentClassId") };
}

/** An id that someone edited in state is compared as the API has it. */
function normalized(value: unknown): unknown {
  return typeof value === "string" ? normalizeId(value) : value;
}

function isPlain(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** A prebuild cannot change at the API: it either exists or not. */
function comparePrebuild(resource: StateResource, prebuilds: readonly PrebuildDetails[], now: number): Finding[] {
  if (prebuilds.some(({ id }) => id === resource.id)) return [];
  const state = readPrebuildState(resource.outputs);
  const report = reporter("Prebuild", subjectOf(resource), resource.by);
  if (!state.expired && !hasExpired(state.createdAt, now)) {
    return [report("gone", "no longer exists, and has not expired", true)];
  }
  const runsAgain = resource.inputs["recreateWhenExpired"] === true;
  const note = runsAgain ? ". The next `pulumi up` runs it again, because of recreateWhenExpired" : "";
  return [report("expired", `was removed after seven days${note}`, runsAgain)];
}

function unmanaged(pool: WarmPoolDetails, connection: string | undefined): Finding {
  const { id, minSize = "?", maxSize = "?" } = pool;
  const option = connection === undefined ? "" : ` --connection ${quoteForShell(connection)}`;
  const reason =
    `is not managed by any of the given stacks (minSize ${minSize}, maxSize ${maxSize}). ` +
    `To import it, run \`npx pulumi-ona import --pool ${idForShell(id)}${option}\``;
  return reporter("WarmPool", pool)("unmanaged", reason);
}

/** Finds resources with this connection whose object another resource manages too. */
function findManagedTwice(resources: readonly StateResource[], connection: string | undefined): Finding[] {
  const first = new Map<string, StateResource>();
  return resources.flatMap((resource): Finding[] => {
    const other = first.get(resource.id);
    if (other === undefined) first.set(resource.id, resource);
    if (other === undefined || resource.connection !== connection) return [];
    const { stack, name, project } = other.by;
    const reason = `is also managed by ${name} in ${project}/${stack}. They undo each other's changes`;
    return [reporter(resource.kind, { id: resource.id }, resource.by)("managedTwice", reason)];
  });
}
