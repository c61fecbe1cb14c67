/** Which pools and prebuilds to import: what was asked for, as the API has it. */
import type { PrebuildDetails } from "../../prebuild/outputs.js";
import { sanitize } from "../../util/text.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { listPools, lookUpPool, lookUpPrebuild, type Reader } from "../account.js";
import type { ResourceKind, StackState } from "../stack-state.js";
import { CliError } from "../terminal.js";
import type { ImportOptions } from "./options.js";

/** An object of the API that can be imported. */
export type Importable =
  | { readonly kind: "WarmPool"; readonly object: WarmPoolDetails }
  | { readonly kind: "Prebuild"; readonly object: PrebuildDetails };

/** What was selected, and what people should know of the selection. */
export interface Selected {
  readonly selected: readonly Importable[];
  readonly notes: readonly string[];
}

/**
 * Asks for everything that the options name. A pool that is being deleted, and a prebuild that has not completed, cannot be imported: named by its id that is an error; among
 * others it is left out with a note.
 * @throws CliError where nothing is found for an id, a pair or a project
 */
export async function select(client: Reader, options: ImportOptions): Promise<Selected> {
  const { all = false, pool = [], prebuild = [], pair = [], project = [] } = options;
  const found = new Map<string, Importable>();
  const notes: string[] = [];
  const take = (object: WarmPoolDetails) => found.set(object.id, { kind: "WarmPool", object });

  if (all || pair.length > 0 || project.length > 0) {
    const pools = await listPools(client);
    const lasting = pools.filter(({ phase }) => phase !== "DELETING");
    const matching = (matches: (each: WarmPoolDetails) => boolean, what: string) => {
      const taken = lasting.filter(matches);
      for (const { id } of pools.filter((each) => each.phase === "DELETING" && matches(each))) {
        notes.push(sanitize(`Warm pool ${id} is left out: it is being deleted.`));
      }
      if (taken.length === 0 && !all) throw new CliError(`There is no warm pool ${what}.`);
      taken.forEach(take);
    };
    if (all) matching(() => true, "");
    for (const { projectId, environmentClassId } of all ? [] : pair) {
      matching(
        (each) => each.projectId === projectId && each.environmentClassId === environmentClassId,
        `of project ${projectId} and environment class ${environmentClassId}`,
      );
    }
    for (const id of all ? [] : project) matching((each) => each.projectId === id, `of project ${id}`);
  }
  for (const id of pool) {
    const object = found.has(id) ? undefined : await lookUpPool(client, id);
    if (found.has(id)) continue;
    if (object === undefined) throw new CliError(`There is no warm pool ${id}.`);
    if (object.phase === "DELETING") throw new CliError(`Warm pool ${id} cannot be imported: it is being deleted.`);
    take(object);
  }
  for (const id of prebuild) {
    const object = await lookUpPrebuild(client, id);
    if (object === undefined) throw new CliError(`There is no prebuild ${id}.`);
    const why = notImportable(object);
    if (why !== undefined) throw new CliError(`Prebuild ${id} cannot be imported: ${why}.`);
    found.set(id, { kind: "Prebuild", object });
  }
  return { selected: [...found.values()], notes: [...new Set(notes)] };
}

/**
 * The objects that an earlier run has put into the files and that are not in the state yet, as they are now: they stay in the files, unless they are gone.
 * @param earlier what the files hold
 */
export async function lookAgain(
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
    if (kind === "WarmPool") {
      const object = await lookUpPool(client, id);
      if (object !== undefined && object.phase !== "DELETING") found.push({ kind, object });
      else
        notes.push(
          `Warm pool ${id} is in the files no more: it is ${object === undefined ? "gone" : "being deleted"}.`,
        );
    } else {
      const object = await lookUpPrebuild(client, id);
      const why = object === undefined ? "it is gone" : notImportable(object);
      if (object !== undefined && why === undefined) found.push({ kind, object });
      else notes.push(`Prebuild ${id} is in the files no more: ${why}.`);
    }
  }
  return { selected: found, notes };
}

/** Only a prebuild that has completed stays as it is: Pulumi would run a failed one again, and the end of a running one is not known. */
function notImportable({ phase }: PrebuildDetails): string | undefined {
  if (phase === "COMPLETED") return undefined;
  if (phase === "DELETING") return "it is being deleted";
  if (phase === "FAILED" || phase === "CANCELLED") return `it is ${phase}, and Pulumi would run it again`;
  return `it is ${phase}; import it once it has COMPLETED`;
}
