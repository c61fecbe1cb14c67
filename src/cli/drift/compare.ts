/** The difference between what stacks declare and what there is: a pure function of both. */
import { omitUndefined } from "../../util/nullish.js";
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import { hasExpired } from "../../prebuild/expiry.js";
import { managedNames } from "../../lifecycle/inputs.js";
import { isManagedState } from "../../lifecycle/state.js";
import { readState as readPrebuildState } from "../../prebuild/state.js";
import { warmPoolProperties } from "../../warm-pool/properties.js";
import { readState as readPoolState } from "../../warm-pool/state.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import type { Account } from "../account.js";
import type { StackState, StateResource } from "../stack-state.js";
import { quoteForShell } from "../../util/text.js";
import { type Change, type Finding, type ManagedBy, sorted } from "./findings.js";
import { type HealthLimits, poolHealth, prebuildHealth, unmanagedPrebuilds } from "./health.js";

/** A resource with the stack that it is in. */
export interface Managed extends StateResource {
  readonly by: ManagedBy;
}

/** What is compared. */
export interface Comparison {
  readonly stacks: readonly StackState[];
  readonly account: Account;
  /** The connection that leads to the account: only what is managed over it is compared. */
  readonly connection?: string | undefined;
  /** What Get said of managed objects that the lists do not show; undefined: it is gone. */
  readonly looked: ReadonlyMap<string, WarmPoolDetails | PrebuildDetails | undefined>;
  readonly limits: HealthLimits;
}

/** The resources of some stacks; a state that is given twice counts once. */
export function managedResources(stacks: readonly StackState[]): Managed[] {
  const resources = stacks.flatMap(({ source, stack = "", project = "", resources }) =>
    resources.map((resource) => {
      const { urn, name } = resource;
      return { ...resource, by: { urn, name, stack, project, source } };
    }),
  );
  // Not by URN alone: stacks of two organizations can have the same name.
  return [...new Map(resources.map((each) => [`${each.urn} ${each.id} ${each.pendingDelete}`, each])).values()];
}

/** The connections over which some stacks manage anything; the general one where there is nothing. */
export function connectionsOf(stacks: readonly StackState[]): readonly (string | undefined)[] {
  const connections = new Set(managedResources(stacks).map(({ connection }) => connection));
  return connections.size === 0 ? [undefined] : [...connections];
}

/** Objects managed over a connection that the lists of its account do not show, so that one has to ask for each. An expired prebuild is known to be gone. */
export function unlisted(stacks: readonly StackState[], account: Account, connection?: string): Managed[] {
  const listed = new Set([...account.warmPools, ...account.prebuilds].map(({ id }) => id));
  const missing = managedResources(stacks).filter(
    (resource) =>
      resource.connection === connection &&
      !resource.pendingDelete &&
      !listed.has(resource.id) &&
      resource.outputs["expired"] !== true,
  );
  return [...new Map(missing.map((resource) => [resource.id, resource])).values()];
}

/** Everything that a report says of one account. What is managed over other connections is not, and counts as managed: two connections may lead to one account. */
export function compare({ stacks, account, connection, looked, limits }: Comparison): Finding[] {
  const resources = managedResources(stacks);
  const living = resources.filter(({ pendingDelete }) => !pendingDelete);
  const live = living.filter((resource) => resource.connection === connection);
  const known = new Set(resources.map(({ id }) => id));
  const leaving = new Set(resources.filter(({ pendingDelete }) => pendingDelete).map(({ id }) => id));
  const owners = new Map(living.map((resource) => [resource.id, resource.by]));
  const pools = new Map(account.warmPools.map((pool) => [pool.id, pool]));
  const prebuilds = new Map(account.prebuilds.map((prebuild) => [prebuild.id, prebuild]));
  for (const { id, kind } of live) {
    const found = looked.get(id);
    if (found === undefined) continue;
    if (kind === "WarmPool" && "runningInstances" in found) pools.set(id, found);
    if (kind === "Prebuild" && "snapshotSizeBytes" in found) prebuilds.set(id, found);
  }
  const now = account.now;
  const findings = [
    ...live.flatMap((resource) =>
      resource.kind === "WarmPool"
        ? comparePool(resource, pools.get(resource.id), account.warmPools)
        : comparePrebuild(resource, prebuilds.get(resource.id), now),
    ),
    ...twice(living)
      .filter(({ of }) => of === connection)
      .map(({ finding }) => finding),
    ...[...pools.values()].flatMap((pool) => [
      ...(known.has(pool.id) || pool.phase === "DELETING" ? [] : [unmanaged(pool, connection)]),
      ...(leaving.has(pool.id) && !owners.has(pool.id)
        ? []
        : poolHealth(pool, owners.get(pool.id), [...prebuilds.values()], limits, now)),
    ]),
    ...[...prebuilds.values()].flatMap((prebuild) => {
      const owner = owners.get(prebuild.id);
      return owner === undefined ? [] : prebuildHealth(prebuild, owner, limits, now);
    }),
    ...unmanagedPrebuilds(
      [...prebuilds.values()].filter(({ id }) => !known.has(id)),
      account,
      limits,
    ),
  ];
  return sorted(connection === undefined ? findings : findings.map((finding) => ({ ...finding, connection })));
}

function comparePool(
  resource: Managed,
  pool: WarmPoolDetails | undefined,
  pools: readonly WarmPoolDetails[],
): Finding[] {
  const state = readPoolState(resource.outputs);
  const managed = isManagedState(resource.outputs)
    ? state.__managed
    : managedNames(warmPoolProperties, resource.inputs);
  const pair = { projectId: state.projectId, environmentClassId: state.environmentClassId };
  if (pool === undefined) {
    const next = pools.find(
      ({ projectId, environmentClassId, phase }) =>
        projectId === pair.projectId && environmentClassId === pair.environmentClassId && phase !== "DELETING",
    );
    const also = next === undefined ? "" : `; its project and environment class have another pool now: ${next.id}`;
    return [
      { ...about(resource), ...known(pair), kind: "gone", drift: true, reason: `it does not exist any more${also}` },
    ];
  }
  const compared = warmPoolProperties.inputs.filter(
    ([name, row]) => row.live === "api" && (!row.managed || managed.some((each) => each === name)),
  );
  return differences(
    resource,
    pool,
    compared.map(([name]) => name),
  );
}

/** Nothing of a prebuild can change at the API, so that it is either there or gone. */
function comparePrebuild(resource: Managed, prebuild: PrebuildDetails | undefined, now: number): Finding[] {
  if (prebuild !== undefined) return [];
  const { inputs, outputs } = resource;
  const state = readPrebuildState(outputs);
  const subject = { ...about(resource), ...known(state) };
  if (!state.expired && !hasExpired(state.createdAt, now)) {
    return [{ ...subject, kind: "gone", drift: true, reason: "it does not exist any more, before its time" }];
  }
  const again = inputs["recreateWhenExpired"] === true;
  const then = again ? "; recreateWhenExpired makes the next `pulumi up` run it again" : "";
  return [{ ...subject, kind: "expired", drift: again, reason: `it was removed after seven days${then}` }];
}

/** Declared values that the object does not have. */
function differences(resource: Managed, object: WarmPoolDetails, names: readonly string[]): Finding[] {
  const actual = new Map<string, unknown>(Object.entries(object));
  const changes: Change[] = [];
  const unreadable: string[] = [];
  for (const property of names) {
    const declared = resource.inputs[property] ?? resource.outputs[property];
    const value = actual.get(property);
    if (declared === undefined || declared === null) continue;
    if (typeof declared !== "string" && typeof declared !== "number") unreadable.push(property);
    else if (declared !== value) {
      changes.push({
        property,
        declared,
        ...(typeof value === "string" || typeof value === "number" ? { actual: value } : {}),
      });
    }
  }
  const { projectId, environmentClassId, phase } = object;
  const subject = { ...about(resource), ...known({ projectId, environmentClassId }), phase };
  return [
    ...(changes.length === 0
      ? []
      : [{ ...subject, kind: "changed", drift: true, changes, reason: changes.map(describe).join(", ") } as const]),
    ...(unreadable.length === 0
      ? []
      : [
          {
            ...subject,
            kind: "notCompared",
            drift: false,
            reason: `${unreadable.join(" and ")} could not be compared: encrypted in the state`,
          } as const,
        ]),
  ];
}

function describe({ property, declared, actual }: Change): string {
  return `${property} ${declared} => ${actual ?? "none"}`;
}

function unmanaged(pool: WarmPoolDetails, connection: string | undefined): Finding {
  const { id, projectId, environmentClassId, phase, minSize = "?", maxSize = "?" } = pool;
  const over = connection === undefined ? "" : ` --connection ${quoteForShell(connection)}`;
  return {
    kind: "unmanaged",
    drift: false,
    type: "WarmPool",
    id,
    projectId,
    environmentClassId,
    phase,
    reason: `no given stack manages it (minSize ${minSize}, maxSize ${maxSize}); take it over with \`pulumi-ona import --pool ${id}${over}\``,
  };
}

/** Objects that several resources manage: each would undo what the other does. With the connection of the resource that the finding is about. */
function twice(resources: readonly Managed[]): { of: string | undefined; finding: Finding }[] {
  const first = new Map<string, Managed>();
  return resources.flatMap((resource) => {
    const other = first.get(resource.id);
    first.set(resource.id, other ?? resource);
    if (other === undefined) return [];
    const { stack, name, project } = other.by;
    const reason = `${name} of ${project}/${stack} manages it too: two stacks undo each other's changes`;
    const finding: Finding = { ...about(resource), kind: "managedTwice", drift: false, reason };
    return [{ of: resource.connection, finding }];
  });
}

function about({ kind, id, by }: Managed): Pick<Finding, "type" | "id" | "resource"> {
  return { type: kind, id, resource: by };
}

function known(pair: { readonly projectId: string; readonly environmentClassId?: string | undefined }) {
  return omitUndefined<Pick<Finding, "projectId" | "environmentClassId">>({
    projectId: pair.projectId || undefined,
    environmentClassId: pair.environmentClassId || undefined,
  });
}
