/** A diff in the words of the plugin protocol: what changes, property by property. */
import { create } from "@bufbuild/protobuf";
import type { DiffResult, Properties } from "../../lifecycle/contract.js";
import { sameValue } from "../../lifecycle/same-value.js";
import {
  type DiffResponse,
  DiffResponse_DiffChanges,
  DiffResponseSchema,
  type PropertyDiff,
  PropertyDiff_Kind,
  PropertyDiffSchema,
} from "./gen/pulumi/provider_pb.js";

/** What happens to a property, and the same if it requires a replacement. */
const kinds = {
  add: [PropertyDiff_Kind.ADD, PropertyDiff_Kind.ADD_REPLACE],
  delete: [PropertyDiff_Kind.DELETE, PropertyDiff_Kind.DELETE_REPLACE],
  update: [PropertyDiff_Kind.UPDATE, PropertyDiff_Kind.UPDATE_REPLACE],
} as const;

/**
 * Describes a diff. Changes that no input shows are shown by the outputs that cause them.
 * @param names the inputs of the resource
 */
export function describeDiff(
  { changes, replaces, deleteBeforeReplace }: DiffResult & { readonly deleteBeforeReplace: boolean },
  oldInputs: Properties,
  news: Properties,
  names: readonly string[],
): DiffResponse {
  if (changes === false)
    return create(DiffResponseSchema, { changes: DiffResponse_DiffChanges.DIFF_NONE, hasDetailedDiff: true });
  const rows = new Map<string, PropertyDiff>();
  const add = (name: string, what: keyof typeof kinds, inputDiff: boolean) => {
    const kind = kinds[what][replaces.includes(name) ? 1 : 0];
    rows.set(name, create(PropertyDiffSchema, { kind, inputDiff }));
  };
  for (const name of names) {
    const [old, now] = [oldInputs[name], news[name]];
    if (!sameValue(old, now)) add(name, old === undefined ? "add" : now === undefined ? "delete" : "update", true);
  }
  for (const name of replaces) if (!rows.has(name)) add(name, "update", names.includes(name));
  // The object is not in the requested state yet.
  if (rows.size === 0) add("phase", "update", false);
  return create(DiffResponseSchema, {
    changes: DiffResponse_DiffChanges.DIFF_SOME,
    diffs: [...rows.keys()],
    replaces: [...replaces],
    deleteBeforeReplace,
    detailedDiff: Object.fromEntries(rows),
    hasDetailedDiff: true,
  });
}
