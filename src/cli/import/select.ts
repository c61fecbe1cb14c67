/** Reads the pools and prebuilds to import from the API. */
import { type AccountObject, findObject, listPools, type Reader } from "../account.js";
import { type ResourceKind, type StackState, traitsOf } from "../stack-state.js";
import { CliError } from "../terminal.js";

export interface Pair {
  readonly projectId: string;
  readonly environmentClassId: string;
}

/** What the user asks to import. Ids are in lower case. */
export interface Selection {
  readonly all?: boolean;
  readonly pool?: readonly string[];
  readonly prebuild?: readonly string[];
  readonly pair?: readonly Pair[];
  /** Projects of which every pool is imported. */
  readonly project?: readonly string[];
}

/** An object in the files of an earlier run. */
export interface EarlierObject {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly connection: string | undefined;
}

/**
 * Reads everything that the user asks for. A pool that is being deleted or a prebuild that has not completed cannot be
 * imported: it is an error if named by its id, and skipped with a note otherwise.
 * @param notes takes what the user should know
 * @throws CliError if nothing is found for an id, a pair or a project
 */
export async function select(client: Reader, selection: Selection, notes: string[]): Promise<AccountObject[]> {
  const { all = false, pool = [], prebuild = [], pair = [], project = [] } = selection;
  const found = new Map<string, AccountObject>();
  if (all || pair.length > 0 || project.length > 0) {
    const pools = await listPools(client);
    const poolsFor = (projectId: string, classId?: string) => {
      const ofProject = pools.filter((each) => each.projectId === projectId);
      const matching = ofProject.filter(
        ({ environmentClassId }) => (classId ?? environmentClassId) === environmentClassId,
      );
      const place = `project ${projectId}${classId === undefined ? "" : ` and environment class ${classId}`}`;
      if (matching.every(({ phase }) => phase === "DELETING")) throw notFound(`warm pool found for ${place}`);
      return matching;
    };
    const ofPairs = () => pair.flatMap(({ projectId, environmentClassId }) => poolsFor(projectId, environmentClassId));
    for (const object of all ? pools : [...ofPairs(), ...project.flatMap((id) => poolsFor(id))]) {
      if (object.phase !== "DELETING") found.set(object.id, { kind: "WarmPool", object });
      else notes.push(`Skipped warm pool ${object.id}: it is being deleted.`);
    }
  }
  for (const id of pool.filter((id) => !found.has(id))) found.set(id, await readImportable(client, "WarmPool", id));
  for (const id of prebuild) found.set(id, await readImportable(client, "Prebuild", id));
  return [...found.values()];
}

/**
 * Reads the objects again that an earlier run put into the files and that are not in the state yet. They stay in the
 * files unless they can no longer be imported.
 */
export async function selectEarlier(
  client: Reader,
  earlier: readonly EarlierObject[],
  selected: readonly AccountObject[],
  state: StackState | undefined,
  notes: string[],
): Promise<AccountObject[]> {
  const done = new Set([...selected.map(({ object }) => object.id), ...(state?.resources ?? []).map(({ id }) => id)]);
  const found: AccountObject[] = [];
  for (const { kind, id } of earlier) {
    if (done.has(id)) continue;
    done.add(id);
    const object = await findObject(client, kind, id);
    const obstacle = object === undefined ? "it no longer exists" : obstacleOf(object);
    if (obstacle !== undefined) notes.push(`Removed ${traitsOf[kind].kind} ${id} from the files: ${obstacle}.`);
    else if (object !== undefined) found.push(object);
  }
  return found;
}

async function readImportable(client: Reader, kind: ResourceKind, id: string): Promise<AccountObject> {
  const object = await findObject(client, kind, id);
  if (object === undefined) throw notFound(`${traitsOf[kind].kind} found with id ${id}`);
  const obstacle = obstacleOf(object);
  if (obstacle !== undefined) throw new CliError(`Cannot import ${traitsOf[kind].kind} ${id}: ${obstacle}.`);
  return object;
}

/** Why an object cannot be imported. */
function obstacleOf({ kind, object: { phase } }: AccountObject): string | undefined {
  if (phase === "DELETING") return "it is being deleted";
  // Only a completed prebuild stays as it is. Pulumi would run a failed one again, and a running one may still fail.
  if (kind === "WarmPool" || phase === "COMPLETED") return undefined;
  if (phase === "FAILED" || phase === "CANCELLED") return `it is ${phase}, and Pulumi would run it again`;
  return `it is ${phase}. Import it after it has COMPLETED`;
}

function notFound(what: string): CliError {
  return new CliError(`No ${what}. Check the id, and that the token belongs to its organization.`);
}
