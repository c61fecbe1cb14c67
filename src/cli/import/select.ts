/** Reads the pools and prebuilds to import from the API. */
import { only, quoteText } from "../../util/names.js";
import { isUuid, normalizeId } from "../../util/uuid.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { type AccountObject, findObject, pairOf, type Reader } from "../account.js";
import type { NameReader } from "../names.js";
import { type ResourceKind, type StackState, traitsOf } from "../stack-state.js";
import { CliError } from "../terminal.js";

/** What the user asks to import. The ids of pools and prebuilds are in lower case. */
export interface Selection {
  readonly all?: boolean;
  readonly pool?: readonly string[];
  readonly prebuild?: readonly string[];
  /** Names or ids of a project and an environment class, with a slash between them. */
  readonly pair?: readonly string[];
  /** The names or ids of projects of which every pool is imported. */
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
 * @param pools the account's pools
 * @param names the names of their projects and environment classes
 * @param notes takes what the user should know
 * @throws ExpectedError if nothing is found for an id, a pair or a project, or a name means several
 */
export async function select(
  client: Reader,
  selection: Selection,
  pools: readonly WarmPoolDetails[],
  names: NameReader,
  notes: string[],
): Promise<AccountObject[]> {
  const { all = false, pool = [], prebuild = [], pair = [], project = [] } = selection;
  const found = new Map<string, AccountObject>();
  const ofPairs = () => pair.flatMap((text) => poolsFor(pools, text, projectAndClassOf, names));
  const ofProjects = () => project.flatMap((text) => poolsFor(pools, text, projectOf, names));
  for (const object of all ? pools : [...ofPairs(), ...ofProjects()]) {
    if (object.phase !== "DELETING") found.set(object.id, { kind: "WarmPool", object });
    else notes.push(`Skipped warm pool ${object.id} (${projectAndClassOf(object, names).name}): it is being deleted.`);
  }
  for (const id of pool.filter((id) => !found.has(id))) found.set(id, await readImportable(client, "WarmPool", id));
  for (const id of prebuild) found.set(id, await readImportable(client, "Prebuild", id));
  return [...found.values()];
}

/** What an option can mean: a project, or a project and environment class. */
interface Candidate {
  readonly id: string;
  readonly name: string;
  /** What users may write instead of the id. */
  readonly texts: readonly string[];
}

type CandidateOf = (pool: WarmPoolDetails, names: NameReader) => Candidate;

const projectOf: CandidateOf = (pool, names) => {
  const { projectName: name = pool.projectId } = names.namesOf(pool);
  return { id: pool.projectId, name, texts: [name] };
};

/** Names may have slashes, so what users write is compared as a whole. */
const projectAndClassOf: CandidateOf = (pool, names) => {
  const { projectId, environmentClassId } = pool;
  const { projectName = projectId, environmentClassName = environmentClassId } = names.namesOf(pool);
  const name = `${projectName}/${environmentClassName}`;
  return {
    id: pairOf(pool),
    name,
    texts: [name, `${projectName}/${environmentClassId}`, `${projectId}/${environmentClassName}`],
  };
};

/** The pools of the only candidate that a text means. An id wins over a name that looks like it. */
function poolsFor(pools: readonly WarmPoolDetails[], text: string, candidateOf: CandidateOf, names: NameReader) {
  const entries = pools.map((pool) => ({ pool, ...candidateOf(pool, names) }));
  const all = [...new Map(entries.map((each) => [each.id, each])).values()];
  const id = text.split("/").map(normalizeId).join("/");
  const withId = all.filter((each) => each.id === id);
  const found = withId.length > 0 ? withId : all.filter(({ texts }) => texts.includes(text) || texts.includes(id));
  const isProject = candidateOf === projectOf;
  const what = `warm pool found for ${isProject ? "project" : "project and environment class"} ${id}`;
  if (found.length === 0 && id.split("/").every(isUuid)) throw notFound(what);
  if (found.length === 0 && names.failure !== undefined) {
    throw new CliError(`Cannot look up ${quoteText(text)}: ${names.failure}. Use ids instead of names.`);
  }
  const chosen = only(found, {
    kind: isProject ? ["project", "projects"] : ["warm pool", "warm pools"],
    criterion: isProject ? `named ${quoteText(text)} with a warm pool` : `of ${quoteText(text)}`,
    name: text,
    all,
    describe: ({ pool }) => `warm pool ${pool.id}`,
  });
  const matching = entries.filter((each) => each.id === chosen.id).map(({ pool }) => pool);
  if (matching.every(({ phase }) => phase === "DELETING")) throw notFound(what);
  return matching;
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
