/** Names of imported resources: stable and readable. The API has no names for projects and classes, so they are made of ids. */
import type { Importable } from "./select.js";

/**
 * The name of a resource in the stack: `pool-<project>-<class>` or `prebuild-<project>-<prebuild>`, each with the first eight characters of the id.
 * @param taken names that it must not have
 */
export function nameFor({ kind, object }: Importable, taken: ReadonlySet<string>): string {
  const name =
    kind === "WarmPool"
      ? `pool-${short(object.projectId)}-${short(object.environmentClassId)}`
      : `prebuild-${short(object.projectId)}-${short(object.id)}`;
  if (!taken.has(name)) return name;
  const longer = `${name}-${short(object.id)}`;
  return taken.has(longer) ? `${name}-${object.id}` : longer;
}

/** The constant of a resource in the program: its name in camel case, without anything that an identifier cannot have. */
export function constantFor(name: string, taken: ReadonlySet<string>): string {
  const [first = "", ...rest] = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const camel = [first, ...rest.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)].join("");
  const base = /^[A-Za-z]/.test(camel) ? camel : `resource${camel}`;
  let constant = base;
  for (let number = 2; taken.has(constant); number++) constant = `${base}_${number}`;
  return constant;
}

function short(id: string): string {
  return id.slice(0, 8);
}
