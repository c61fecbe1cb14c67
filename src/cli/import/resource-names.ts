/** Names resources after their projects and environment classes: `storefront-regular`. */
import { cut } from "../../util/text.js";
import type { WarmPoolDetails } from "../../warm-pool/outputs.js";
import { type AccountObject, pairOf } from "../account.js";
import type { NameReader, PairIds } from "../names.js";

/** The name that an object suggests for its resource. */
export interface SuggestedName {
  readonly name: string;
  /** Whether another object of the account suggests the same name. */
  readonly isShared: boolean;
}

/**
 * Returns a function that suggests names. They depend on the whole account and not on what is imported, so that each
 * import gives an object the same name. A name is undefined if nothing but ids is known.
 * @param pools the account's pools
 */
export function resourceNamer(pools: readonly WarmPoolDetails[], names: NameReader) {
  const poolName = (pool: PairIds): string => {
    const { projectName, environmentClassName } = names.namesOf(pool);
    return `${slugOf(projectName, pool.projectId)}-${slugOf(environmentClassName, pool.environmentClassId)}`;
  };
  const pairsByName = new Map<string, Set<string>>();
  // A pool that is being deleted may have a successor.
  for (const pool of pools.filter(({ phase }) => phase !== "DELETING")) {
    const name = poolName(pool);
    pairsByName.set(name, (pairsByName.get(name) ?? new Set()).add(pairOf(pool)));
  }
  return ({ kind, object }: AccountObject): SuggestedName | undefined => {
    const { projectName, environmentClassName } = names.namesOf(object);
    if (kind === "Prebuild") {
      if (projectName === undefined) return undefined;
      return { name: `prebuild-${slugOf(projectName, object.projectId)}-${cut(object.id, 8)}`, isShared: false };
    }
    if (projectName === undefined && environmentClassName === undefined) return undefined;
    const name = poolName(object);
    return { name, isShared: (pairsByName.get(name)?.size ?? 0) > 1 };
  };
}

/** A name in lower case, with its letters and digits in any script. Without any, the start of the id. */
export function slugOf(name = "", id = ""): string {
  const slug = name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return slug || cut(id, 8);
}
