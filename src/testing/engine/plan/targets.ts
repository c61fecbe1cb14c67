/** The resources that an operation is limited to. */
import { dependenciesOf, type ResourceState } from "../state/resource-state.js";

/** A set of URNs with wildcards: `*` matches anything but a colon, `**` matches anything. */
export class UrnSet {
  readonly #literals = new Set<string>();
  readonly #patterns: RegExp[] = [];

  constructor(urns: readonly string[]) {
    for (const urn of urns) {
      if (urn.includes("*")) this.#patterns.push(globToRegExp(urn));
      else this.#literals.add(urn);
    }
  }

  has(urn: string): boolean {
    return this.#literals.has(urn) || this.#patterns.some((pattern) => pattern.test(urn));
  }

  add(urn: string): void {
    this.#literals.add(urn);
  }

  /** The URNs without wildcards that are not present. */
  missing(present: ReadonlySet<string>): string[] {
    return [...this.#literals].filter((urn) => !present.has(urn));
  }
}

function globToRegExp(glob: string): RegExp {
  const pieces = glob.split(/(\*\*|\*)/).map((piece) => {
    if (piece === "**") return ".*";
    if (piece === "*") return "[^:]*";
    return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${pieces.join("")}$`);
}

/** Adds the resources that depend on the targets. */
export function addDependents(targets: UrnSet, resources: readonly ResourceState[]): void {
  for (const state of resources) {
    if ([...dependenciesOf(state)].some((urn) => targets.has(urn))) targets.add(state.urn);
  }
}
