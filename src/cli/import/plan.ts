/** What an import writes: names, inputs and outputs of each resource. A pure function of what there is, the state and the earlier files. */
import { fillWithNull } from "../../util/nullish.js";
import { isUuid } from "../../lifecycle/validation.js";
import { stubText } from "../../program/stub.js";
import { sanitize } from "../../util/text.js";
import { checkPrebuild } from "../../prebuild/check.js";
import { liveInputs as livePrebuild, stateOf as prebuildState } from "../../prebuild/state.js";
import { type PrebuildDetails, shownNames as shownByPrebuilds } from "../../prebuild/outputs.js";
import { checkWarmPool } from "../../warm-pool/check.js";
import { shownNames as shownByPools, type WarmPoolDetails } from "../../warm-pool/outputs.js";
import { sizeNames } from "../../warm-pool/inputs.js";
import { liveInputs as livePool, stateOf as poolState } from "../../warm-pool/state.js";
import type { ResourceKind, StackState } from "../stack-state.js";
import { CliError } from "../terminal.js";
import { nameFor } from "./names.js";
import type { Importable } from "./select.js";

/** A resource of the import file. */
export interface ImportResource {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly id: string;
  /** Without `__provider`. */
  readonly inputs: object;
  /** Without `__provider`; null for what is not set. */
  readonly outputs: object;
  /** The provider's text in the state. */
  readonly provider: string;
}

/** A resource of the program: declared anew, or as an earlier run wrote it. */
export type Declaration =
  | { readonly kind: ResourceKind; readonly id: string; readonly name: string; readonly inputs: object }
  | { readonly kind: ResourceKind; readonly id: string; readonly name: string; readonly text: string };

/** What is written. */
export interface Plan {
  /** What is not in the state yet. */
  readonly resources: readonly ImportResource[];
  /** Those, and what an earlier run has declared and the state has by now. */
  readonly declarations: readonly Declaration[];
  /** How many of the selected objects are in the state already. */
  readonly inState: number;
  /** What people should know. */
  readonly notes: readonly string[];
}

/** What an earlier run has declared. */
export interface EarlierDeclaration {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string;
  readonly connection: string | undefined;
  /** The declaration as it stands in the file. */
  readonly text: string;
}

/** What files are planned from. */
export interface Planning {
  /** What is to be managed. */
  readonly selected: readonly Importable[];
  /** What the stack has; undefined where nobody said. */
  readonly state: StackState | undefined;
  /** The program that an earlier run wrote. */
  readonly earlier: readonly EarlierDeclaration[];
  /** The connection over which it is to be managed. */
  readonly connection: string | undefined;
  /** Names that people have given, by id. */
  readonly names?: ReadonlyMap<string, string | undefined>;
}

/**
 * Plans the files.
 * @throws CliError where a name that was given is taken
 */
export function planImport({ selected, state, earlier, connection, names }: Planning): Plan {
  const managed = new Map((state?.resources ?? []).map((resource) => [resource.id, resource]));
  const notes: string[] = [];
  const kept = earlier.filter(({ id, name, kind }) => {
    const resource = managed.get(id);
    if (resource === undefined) return false;
    if (resource.name === name && !resource.pendingDelete) return true;
    notes.push(`${kind} ${name} is declared here no more: the state has ${id} as ${sanitize(resource.name)}.`);
    return false;
  });
  const taken = new Set([...(state?.names ?? []), ...kept.map(({ name }) => name)]);
  const former = new Map(earlier.map(({ id, name }) => [id, name]));
  const resources: ImportResource[] = [];
  // In an order of their own, so that names do not depend on that of the API's lists. Names of an earlier run come first: they stay.
  const fresh = selected
    .filter(({ object }) => !managed.has(object.id))
    .toSorted((a, b) => Number(former.has(b.object.id)) - Number(former.has(a.object.id)) || compareIds(a, b));
  for (const importable of fresh) {
    const { id } = importable.object;
    const resource = describe(importable, connection === undefined ? {} : { connection }, notes);
    if (resource === undefined) continue;
    const before = former.get(id);
    const stays = before !== undefined && !taken.has(before) ? before : undefined;
    const given = names?.get(id);
    if (given !== undefined && taken.has(given)) {
      throw new CliError(
        sanitize(`The name ${given} is taken: another resource of the stack, or of the files, has it.`),
      );
    }
    const name = given ?? stays ?? nameFor(importable, taken);
    taken.add(name);
    resources.push({ ...resource, id, name });
  }
  const declarations: Declaration[] = [...kept, ...resources];
  return {
    resources: resources.toSorted(inOrder),
    declarations: declarations.toSorted(inOrder),
    inState: selected.length - fresh.length,
    notes,
  };
}

function compareIds(a: Importable, b: Importable): number {
  return a.object.id < b.object.id ? -1 : 1;
}

/** Pools first, each kind by name. */
function inOrder(a: Pick<Declaration, "kind" | "name">, b: Pick<Declaration, "kind" | "name">): number {
  if (a.kind !== b.kind) return a.kind === "WarmPool" ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/** What says in which account a resource is. */
interface Account {
  readonly connection?: string;
}

function describe(
  importable: Importable,
  account: Account,
  notes: string[],
): Omit<ImportResource, "id" | "name"> | undefined {
  const { id, projectId, environmentClassId } = importable.object;
  // Ids become text of a program, so nothing else may stand in their place.
  if (![id, projectId, environmentClassId ?? id].every(isUuid)) {
    notes.push(sanitize(`${importable.kind} ${id} is left out: what the API gives as its ids are no UUIDs.`));
    return undefined;
  }
  return importable.kind === "WarmPool"
    ? describePool(importable.object, account, notes)
    : describePrebuild(importable.object, account);
}

function describePool(pool: WarmPoolDetails, account: Account, notes: string[]): Omit<ImportResource, "id" | "name"> {
  const { projectId, environmentClassId, minSize, maxSize } = pool;
  const refused = new Set(
    checkWarmPool({ projectId, environmentClassId, minSize, maxSize }).failures.map(({ property }) => property),
  );
  // A size that could not be declared is left to others.
  const managed = sizeNames.filter((name) => pool[name] !== undefined && !refused.has(name));
  for (const name of sizeNames.filter((each) => refused.has(each))) {
    notes.push(sanitize(`${name} of warm pool ${pool.id} is not managed: ${pool[name]} cannot be declared.`));
  }
  const state = poolState(pool, account, managed, false);
  return {
    kind: "WarmPool",
    inputs: livePool(pool, state),
    outputs: fillWithNull(state, shownByPools),
    provider: stubText("warmPool"),
  };
}

function describePrebuild(prebuild: PrebuildDetails, account: Account): Omit<ImportResource, "id" | "name"> {
  const { projectId, environmentClassId, timeout } = prebuild;
  const declared = {
    projectId,
    ...(environmentClassId === undefined ? {} : { environmentClassId }),
    // One that could not be declared is left to the API.
    ...(timeout !== undefined && checkPrebuild({ projectId, timeout }).failures.length === 0 ? { timeout } : {}),
    ...account,
  };
  const state = prebuildState(prebuild, declared, false);
  return {
    kind: "Prebuild",
    inputs: livePrebuild(prebuild, state),
    outputs: fillWithNull(state, shownByPrebuilds),
    provider: stubText("prebuild"),
  };
}
