/** What state holds of a resource, as its property table describes it. */
import { omitUndefined } from "../util/nullish.js";
import type { Properties } from "./contract.js";
import { ResourceFailure } from "./failures.js";
import type { InputsOf, PropertyRows, PropertyTable, TableOf } from "./properties.js";
import type { Timeouts } from "./timeouts.js";

/** The newest shape of state that this release reads, and the one that it writes as `__version`. */
export const stateVersion: number = 1;

/** Outputs that users don't see: what read and delete need and the host does not pass to them. */
export interface HiddenState<Name extends string = string> {
  /** The inputs set by the program that it could also leave to the API. A read-only resource has no `__managed`. */
  readonly __managed: readonly Name[];
  readonly __timeouts?: Timeouts;
  /** The object is not in the requested state yet. The next `up` continues, even after a refresh. */
  readonly __unfinished?: true;
  /** The shape of this state: {@link stateVersion}. */
  readonly __version: number;
}

/** Refuses state of a newer release, because the next write would lose what this release doesn't know. */
export function requireKnownState(properties: Properties): void {
  const version = properties["__version"];
  if (typeof version !== "number" || version <= stateVersion) return;
  throw new ResourceFailure(
    `The state of this resource was written by a newer release of pulumi-ona (state version ${version}; this release supports version ${stateVersion}). ` +
      "Nothing was changed. Install that release or a newer one where this program runs (`npm install pulumi-ona@latest`) and run the command again.",
  );
}

/** Whether the outputs are those of a managed resource, not of a read-only one. */
export function isManagedState(properties: object): boolean {
  return "__managed" in properties && Array.isArray(properties.__managed);
}

/**
 * The state of a managed resource.
 * @param object the live object, or its last state
 * @param managed those inputs that the program does not leave to the API
 */
export function stateOf<State extends HiddenState>(
  table: PropertyTable,
  object: object,
  inputs: Properties,
  managed: readonly string[],
  unfinished: boolean,
): State {
  const { id: _, ...live } = object as Properties;
  const declared: Record<string, unknown> = {};
  for (const [name, row] of table.inputs) {
    if (row.live !== "api") declared[name] = inputs[name];
    if (row.live === "stateOrApi") declared[name] ??= live[name];
  }
  return omitUndefined<object>({
    ...live,
    ...declared,
    __managed: managed,
    __timeouts: inputs["__timeouts"],
    __unfinished: unfinished || undefined,
    __version: stateVersion,
  }) as State;
}

/** The live inputs of a managed resource: the inputs with which a program changes nothing. */
export function liveInputs<Rows extends PropertyRows>(
  table: TableOf<Rows>,
  object: object,
  state: HiddenState,
): InputsOf<Rows> {
  const stored = { ...state } as Properties;
  const live = object as Properties;
  const inputs: Record<string, unknown> = { __timeouts: state.__timeouts };
  for (const [name, row] of table.inputs) {
    if (row.managed && !state.__managed.includes(name)) continue;
    inputs[name] = row.live === "api" ? live[name] : stored[name];
    if (row.live === "stateOrApi") inputs[name] ||= live[name];
  }
  return omitUndefined<object>(inputs) as InputsOf<Rows>;
}

/** The values of the properties that do not change without a program. */
export function steadyValues({ steadyNames }: PropertyTable, object: object): object {
  const live = object as Properties;
  return Object.fromEntries(steadyNames.flatMap((name) => (live[name] === undefined ? [] : [[name, live[name]]])));
}

/**
 * Completes the outputs that the engine has to a state. A property that an older release did not store has its
 * fallback, and a property that this release doesn't know stays.
 */
export function readState<State extends HiddenState>(table: PropertyTable, properties: Properties): State {
  const required = Object.entries(table.rows).flatMap(([name, { fallback }]) => {
    const value = properties[name];
    return fallback === undefined ? [] : [[name, typeof value === typeof fallback && value !== "" ? value : fallback]];
  });
  const managed: unknown = properties["__managed"];
  return {
    ...properties,
    ...Object.fromEntries(required),
    __managed: table.managedNames.filter((name) => Array.isArray(managed) && managed.includes(name)),
    __version: stateVersion,
  } as object as State;
}

/** The connection in the properties. A read-only object keeps it, because the next read needs it. */
export function connectionIn({ connection }: Properties): { readonly connection?: string } {
  return typeof connection === "string" ? { connection } : {};
}
