/** Plans what an import writes. A pure function of the API's objects, the state and earlier files. */
import type { Properties } from "../../lifecycle/contract.js";
import type { PropertyTable } from "../../lifecycle/properties.js";
import { stateOf } from "../../lifecycle/state.js";
import { checkInputs, isUuid } from "../../lifecycle/validation.js";
import { prebuildProperties } from "../../prebuild/properties.js";
import { fillWithNull } from "../../util/nullish.js";
import { checkWarmPool } from "../../warm-pool/check.js";
import { warmPoolProperties } from "../../warm-pool/properties.js";
import type { AccountObject } from "../account.js";
import type { ResourceKind, StackState } from "../stack-state.js";
import { CliError } from "../terminal.js";
import type { EarlierObject } from "./select.js";

/** A resource of the import file. */
export interface ImportResource {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly id: string;
  /** Without `__provider`. */
  readonly inputs: object;
  /** Without `__provider`. Null for what is not set. */
  readonly outputs: object;
}

/** A resource of the program. */
export type Declaration = ImportResource | EarlierDeclaration;

export interface Plan {
  /** What is not in the state yet. */
  readonly resources: readonly ImportResource[];
  /** Those, and what an earlier run declared and the state has by now. */
  readonly declarations: readonly Declaration[];
  /** How many of the selected objects are in the state already. */
  readonly inState: number;
}

/** What an earlier run declared. */
export interface EarlierDeclaration extends EarlierObject {
  readonly name: string;
  /** The declaration as it is in the file. */
  readonly text: string;
}

export interface PlanInputs {
  readonly selected: readonly AccountObject[];
  readonly state: StackState | undefined;
  readonly earlier: readonly EarlierDeclaration[];
  readonly connection: string | undefined;
  /** Names that the user chose, by id. */
  readonly names?: ReadonlyMap<string, string | undefined>;
  /** Takes what the user should know. */
  readonly notes: string[];
}

/**
 * Plans the files.
 * @throws CliError if a name that the user chose is taken
 */
export function planImport({ selected, state, earlier, connection, names, notes }: PlanInputs): Plan {
  const managed = new Map((state?.resources ?? []).map((resource) => [resource.id, resource]));
  const keptDeclarations = earlier.filter(({ id, name, kind }) => {
    const resource = managed.get(id);
    if (resource === undefined) return false;
    if (resource.name === name && !resource.pendingDelete) return true;
    notes.push(`Removed ${kind} ${name} from the program: the stack has ${id} as ${resource.name}.`);
    return false;
  });
  const takenNames = new Set([...(state?.names ?? []), ...keptDeclarations.map(({ name }) => name)]);
  const earlierNames = new Map(earlier.map(({ id, name }) => [id, name]));
  const resources: ImportResource[] = [];
  // Sorted, so that names don't depend on the order of the API's lists. Those with an earlier name come first.
  const fresh = selected
    .filter(({ object }) => !managed.has(object.id))
    .toSorted(
      ({ object: a }, { object: b }) =>
        Number(earlierNames.has(b.id)) - Number(earlierNames.has(a.id)) || (a.id < b.id ? -1 : 1),
    );
  for (const each of fresh) {
    const { id } = each.object;
    const resource = describe(each, connection, notes);
    if (resource === undefined) continue;
    const chosen = names?.get(id);
    if (chosen !== undefined && takenNames.has(chosen)) {
      throw new CliError(
        `The name ${chosen} is taken by another resource of the stack or the files. Choose another --name.`,
      );
    }
    const earlierName = earlierNames.get(id);
    const keptName = earlierName !== undefined && !takenNames.has(earlierName) ? earlierName : undefined;
    const name = chosen ?? keptName ?? nameFor(each, takenNames);
    takenNames.add(name);
    resources.push({ ...resource, id, name });
  }
  const declarations: Declaration[] = [...keptDeclarations, ...resources];
  return {
    resources: resources.toSorted(compareResources),
    declarations: declarations.toSorted(compareResources),
    inState: selected.length - fresh.length,
  };
}

/** Pools first, each kind by name. */
function compareResources(a: Declaration, b: Declaration): number {
  if (a.kind !== b.kind) return a.kind === "WarmPool" ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/**
 * A stable name from the first eight characters of ids: `pool-<project>-<class>` or `prebuild-<project>-<prebuild>`.
 * @param taken names that it must not have
 */
export function nameFor({ kind, object }: AccountObject, taken: ReadonlySet<string>): string {
  const short = (id = "") => id.slice(0, 8);
  const name =
    kind === "WarmPool"
      ? `pool-${short(object.projectId)}-${short(object.environmentClassId)}`
      : `prebuild-${short(object.projectId)}-${short(object.id)}`;
  const names = [name, `${name}-${short(object.id)}`];
  return names.find((each) => !taken.has(each)) ?? `${name}-${object.id}`;
}

/** The inputs and outputs of a resource. Undefined, with a note, if it cannot be declared. */
function describe(
  { kind, object }: AccountObject,
  connection: string | undefined,
  notes: string[],
): Omit<ImportResource, "id" | "name"> | undefined {
  const { id, projectId, environmentClassId } = object;
  // Ids become part of a program's text, so they must be nothing else.
  if (![id, projectId, environmentClassId ?? id].every(isUuid)) {
    notes.push(`Skipped ${kind} ${id}: the API returned ids that are not UUIDs.`);
    return undefined;
  }
  const table: PropertyTable = kind === "WarmPool" ? warmPoolProperties : prebuildProperties;
  const live: Properties = kind === "WarmPool" ? { ...object } : { ...object, expired: false };
  const current = pick(live, table.inputNames);
  const { failures } = kind === "WarmPool" ? checkWarmPool(current) : checkInputs(table, current);
  const refused = failures.map(({ property }) => property);
  for (const name of refused) {
    notes.push(`The stack will not manage ${name} of ${kind} ${id}: ${String(live[name])} is not valid.`);
  }
  const valid = table.inputNames.filter((name) => !refused.includes(name));
  const inputs = { ...pick(live, valid), ...(connection === undefined ? {} : { connection }) };
  const managed = table.managedNames.filter((name) => name in inputs);
  const state = stateOf(table, live, inputs, managed, false);
  return { kind, inputs, outputs: fillWithNull(state, table.allNames) };
}

function pick(properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(names.flatMap((name) => (name in properties ? [[name, properties[name]]] : [])));
}
