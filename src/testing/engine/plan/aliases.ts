/** The other names under which the state may have a registered resource. */
import type { Alias } from "../state/registration.js";
import { makeUrn, nameOf, qualifiedTypeOf, stackType, typeOf } from "../state/urn.js";

export interface Identity {
  readonly stack: string;
  readonly project: string;
  readonly name: string;
  readonly type: string;
  readonly parent: string;
}

/** The URNs of a resource besides its own, in the order in which they are tried. */
export function aliasUrns(
  self: Identity,
  aliases: readonly Alias[],
  renamedParents: ReadonlyMap<string, string>,
): string[] {
  const urns = new Set<string>();
  const own = aliases.map((alias) => aliasUrn(self, alias, renamedParents));
  for (const urn of own) urns.add(urn);
  const oldParent = renamedParents.get(self.parent);
  if (oldParent !== undefined) {
    urns.add(urnUnderOldParent(self, self.type, self.name, oldParent));
    for (const urn of own) urns.add(urnUnderOldParent(self, typeOf(urn), nameOf(urn), oldParent));
  }
  return [...urns];
}

function aliasUrn(self: Identity, alias: Alias, renamedParents: ReadonlyMap<string, string>): string {
  if ("urn" in alias) return alias.urn;
  let parent = self.parent;
  if (alias.parent !== undefined) parent = renamedParents.get(alias.parent) ?? alias.parent;
  if (alias.noParent === true || qualifiedTypeOf(parent) === stackType) parent = "";
  return makeUrn(
    alias.stack ?? self.stack,
    alias.project ?? self.project,
    parent,
    alias.type ?? self.type,
    alias.name ?? self.name,
  );
}

/** The URN of a child before its parent was renamed. If its name starts with the parent's, that changes too. */
function urnUnderOldParent(self: Identity, type: string, name: string, oldParent: string): string {
  const parentName = nameOf(self.parent);
  const oldName = name.startsWith(parentName) ? nameOf(oldParent) + name.slice(parentName.length) : name;
  return makeUrn(self.stack, self.project, oldParent, type, oldName);
}
