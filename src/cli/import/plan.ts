/** Plans what an import writes. A pure function of the API's objects, the state and earlier files. */
import type { Properties } from "../../lifecycle/contract.js";
import type { PropertyTable } from "../../lifecycle/properties.js";
import { stateOf } from "../../lifecycle/state.js";
import { checkInputs } from "../../lifecycle/validation.js";
import { isUuid } from "../../util/uuid.js";
import { prebuildProperties } from "../../prebuild/properties.js";
import { fillWithNull } from "../../util/nullish.js";
import { checkWarmPool } from "../../warm-pool/inputs.js";
import { warmPoolProperties } from "../../warm-pool/properties.js";
import type { AccountObject } from "../account.js";
import type { ResourceKind, StackState } from "../stack-state.js";
import { CliError } from "../terminal.js";
import type { SuggestedName } from "./resource-names.js";
import type { EarlierObject } from "./select.js";

export interface ImportResource {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly id: string;
  /** Without `__provider`. */
  readonly inputs: object;
  /** Without `__provider`. Null for what is not set. */
  readonly outputs: object;
}

export type Declaration = ImportResource | EarlierDeclaration;

export interface Plan {
  /** What is not in the state yet. */
  readonly resources: readonly ImportResource[];
  /** Those, and what an earlier run declared and the state has by now. */
  readonly declarations: readonly Declaration[];
  /** How many of the selected objects are in the state already. */
  readonly inState: number;
}

export interface EarlierDeclaration extends EarlierObject {
  readonly name: string;
  /** The declaration as it is in the file. */
  readonly text: string;
  /** The lookups that it uses, in the order of the file. */
  readonly lookups: readonly string[];
}

export interface PlanInputs {
  readonly selected: readonly AccountObject[];
  readonly state: StackState | undefined;
  readonly earlier: readonly EarlierDeclaration[];
  readonly connection: string | undefined;
  /** Names that the user chose, by id. */
  readonly names?: ReadonlyMap<string, string | undefined>;
  /** Suggests a name for a resource. Default: one made of ids. */
  readonly nameOf?: ((each: AccountObject) => SuggestedName | undefined) | undefined;
  /** Takes what the user should know. */
  readonly notes: string[];
}

/** Plans the files. A name that the user chose must not be taken. */
export function planImport(inputs: PlanInputs): Plan {
  const { selected, state, earlier, connection, names, nameOf, notes } = inputs;
  const managed = new Map((state?.resources ?? []).map((resource) => [resource.id, resource]));
  const keptDeclarations = earlier.filter(({ id, name, kind }) => {
    const resource = managed.get(id);
    if (resource === undefined) return false;
    if (resource.by.name === name && !resource.pendingDelete) return true;
    notes.push(`Removed ${kind} ${name} from the program: the stack has ${id} as ${resource.by.name}.`);
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
    const name = chosen ?? nameFor(each, takenNames, earlierNames.get(id), nameOf?.(each));
    takenNames.add(name);
    resources.push({ ...resource, id, name });
  }
  // Pools first, each kind by name.
  const keyOf = ({ kind, name }: Declaration) => `${kind === "WarmPool" ? 1 : 2} ${name}`;
  const sort = <T extends Declaration>(each: readonly T[]) => each.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const declarations = sort<Declaration>([...keptDeclarations, ...resources]);
  return { resources: sort(resources), declarations, inState: selected.length - fresh.length };
}

/**
 * The earlier name, the suggested one, or a stable one from the first eight characters of ids: `pool-<project>-<class>`
 * or `prebuild-<project>-<prebuild>`. The id of the object follows if the name is taken or suggested for several.
 */
export function nameFor(
  { kind, object }: AccountObject,
  taken: ReadonlySet<string>,
  earlier?: string,
  suggested?: SuggestedName,
): string {
  const [project, environmentClass, id] = [object.projectId, object.environmentClassId, object.id].map((each = "") =>
    each.slice(0, 8),
  );
  const nameOfIds = kind === "WarmPool" ? `pool-${project}-${environmentClass}` : `prebuild-${project}-${id}`;
  const { name, isShared } = suggested ?? { name: nameOfIds, isShared: false };
  const names = [...(earlier === undefined ? [] : [earlier]), ...(isShared ? [] : [name]), `${name}-${id}`];
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
  const current = Object.fromEntries(table.inputNames.filter((name) => name in live).map((name) => [name, live[name]]));
  const { failures } = kind === "WarmPool" ? checkWarmPool(current) : checkInputs(table, current);
  const inputs: Record<string, unknown> = { ...current, ...(connection === undefined ? {} : { connection }) };
  for (const { property } of failures) {
    notes.push(`The stack will not manage ${property} of ${kind} ${id}: ${String(live[property])} is not valid.`);
    delete inputs[property];
  }
  const managed = table.managedNames.filter((name) => name in inputs);
  const state = stateOf(table, live, inputs, managed, false);
  return { kind, inputs, outputs: fillWithNull(state, table.allNames) };
}
