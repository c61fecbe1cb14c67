/** Reads the pools and prebuilds to import from the API. */
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import { sanitize } from "../../util/text.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { listPools, findPool, findPrebuild, type Reader } from "../account.js";
import type { ResourceKind, StackState } from "../stack-state.js";
import { CliError } from "../terminal.js";

/** A project and environment class. */
export interface Pair {
  readonly projectId: string;
  readonly environmentClassId: string;
}

/** What the user asks to import. Ids are in lower case. */
export interface Selection {
  /** Every pool of the account. */
  readonly all?: boolean;
  readonly pool?: readonly string[];
  readonly prebuild?: readonly string[];
  readonly pair?: readonly Pair[];
  /** Projects of which every pool is imported. */
  readonly project?: readonly string[];
}

/** An object of the API that can be imported. */
export type Importable =
  | { readonly kind: "WarmPool"; readonly object: WarmPoolDetails }
  | { readonly kind: "Prebuild"; readonly object: PrebuildDetails };

/** What was selected, and notes for the user about what was not. */
export interface Selected {
  readonly selected: readonly Importable[];
  readonly notes: readonly string[];
}

/**
 * Reads everything that the user asks for. A pool that is being deleted or a prebuild that has not completed cannot be
 * imported: it is an error if named by its id, and skipped with a note otherwise.
 * @throws CliError if nothing is found for an id, a pair or a project
 */
export async function select(client: Reader, selection: Selection): Promise<Selected> {
  const { all = false, pool = [], prebuild = [], pair = [], project = [] } = selection;
  const found = new Map<string, Importable>();
  const notes = new Set<string>();

  if (all || pair.length > 0 || project.length > 0) {
    const pools = await listPools(client);
    const takeWhere = (matches: (pool: WarmPoolDetails) => boolean, description?: string) => {
      const matching = pools.filter(matches);
      const usable = matching.filter(({ phase }) => phase !== "DELETING");
      if (usable.length === 0 && description !== undefined) throw notFound(`warm pool found ${description}`);
      for (const object of usable) found.set(object.id, { kind: "WarmPool", object });
      for (const { id, phase } of matching) {
        if (phase === "DELETING") notes.add(sanitize(`Skipped warm pool ${id}: it is being deleted.`));
      }
    };
    if (all) takeWhere(() => true);
    else {
      for (const { projectId, environmentClassId } of pair) {
        takeWhere(
          (each) => each.projectId === projectId && each.environmentClassId === environmentClassId,
          `for project ${projectId} and environment class ${environmentClassId}`,
        );
      }
      for (const id of project) takeWhere(({ projectId }) => projectId === id, `for project ${id}`);
    }
  }
  for (const id of pool.filter((id) => !found.has(id))) found.set(id, await readImportable(client, "WarmPool", id));
  for (const id of prebuild) found.set(id, await readImportable(client, "Prebuild", id));
  return { selected: [...found.values()], notes: [...notes] };
}

/**
 * Reads the objects again that an earlier run put into the files and that are not in the state yet. They stay in the
 * files unless they can no longer be imported.
 * @param earlier what the files contain
 */
export async function selectEarlier(
  client: Reader,
  earlier: readonly { readonly kind: ResourceKind; readonly id: string }[],
  selected: readonly Importable[],
  state: StackState | undefined,
): Promise<Selected> {
  const done = new Set([...selected.map(({ object }) => object.id), ...(state?.resources ?? []).map(({ id }) => id)]);
  const found: Importable[] = [];
  const notes: string[] = [];
  for (const { kind, id } of earlier) {
    if (done.has(id)) continue;
    done.add(id);
    const { importable, obstacle } = await lookUp(client, kind, id);
    if (importable !== undefined && obstacle === undefined) found.push(importable);
    else notes.push(`Removed ${nameOfKind(kind)} ${id} from the files: ${obstacle ?? "it no longer exists"}.`);
  }
  return { selected: found, notes };
}

async function readImportable(client: Reader, kind: ResourceKind, id: string): Promise<Importable> {
  const { importable, obstacle } = await lookUp(client, kind, id);
  if (importable === undefined) throw notFound(`${nameOfKind(kind)} found with id ${id}`);
  if (obstacle !== undefined) throw new CliError(`Cannot import ${nameOfKind(kind)} ${id}: ${obstacle}.`);
  return importable;
}

/** An object, if it exists, and why it cannot be imported. */
async function lookUp(
  client: Reader,
  kind: ResourceKind,
  id: string,
): Promise<{ importable?: Importable; obstacle?: string | undefined }> {
  if (kind === "WarmPool") {
    const object = await findPool(client, id);
    if (object === undefined) return {};
    return { importable: { kind, object }, obstacle: object.phase === "DELETING" ? "it is being deleted" : undefined };
  }
  const object = await findPrebuild(client, id);
  return object === undefined ? {} : { importable: { kind, object }, obstacle: obstacleOfPrebuild(object) };
}

/** Only a completed prebuild stays as it is. Pulumi would run a failed one again, and a running one may still fail. */
function obstacleOfPrebuild({ phase }: PrebuildDetails): string | undefined {
  if (phase === "COMPLETED") return undefined;
  if (phase === "DELETING") return "it is being deleted";
  if (phase === "FAILED" || phase === "CANCELLED") return `it is ${phase}, and Pulumi would run it again`;
  return `it is ${phase}. Import it after it has COMPLETED`;
}

function notFound(what: string): CliError {
  return new CliError(`No ${what}. Check the id, and that the token belongs to its organization.`);
}

function nameOfKind(kind: ResourceKind): string {
  return kind === "WarmPool" ? "warm pool" : "prebuild";
}
