/** The inputs and the state of a resource, as its property table describes them. */
import { omitUndefined } from "../util/nullish.js";
import { normalizeId } from "../util/uuid.js";
import type { Properties, ReadResult } from "./contract.js";
import { ResourceFailure } from "./failures.js";
import type {
  HiddenState,
  InputsOf,
  PropertyRows,
  PropertyTable,
  PropertyType,
  StateOf,
  TableOf,
} from "./properties.js";

/** The newest shape of state that this release reads, and the one that it writes as `__version`. */
export const stateVersion: number = 1;

/** Refuses state of a newer release, because the next write would lose what this release doesn't know. */
export function requireKnownState(properties: Properties): void {
  const version = properties["__version"];
  if (typeof version !== "number" || version <= stateVersion) return;
  throw new ResourceFailure(
    `The state of this resource was written by a newer release of pulumi-ona (state version ${version}; this release supports version ${stateVersion}). ` +
      "Nothing was changed. Install that release or a newer one, and run the command again.",
  );
}

/** Whether the outputs are those of a managed resource, not of a read-only one. */
export function isManagedState(properties: object): boolean {
  return "__managed" in properties && Array.isArray(properties.__managed);
}

/**
 * Picks the inputs from properties that the check has passed.
 * @throws ResourceFailure when a required input is missing
 */
function readInputs<Rows extends PropertyRows>(table: TableOf<Rows>, properties: Properties): InputsOf<Rows> {
  const inputs = table.inputs.flatMap(([name, { type, required }]) => {
    const value = properties[name];
    if (fits(value, type)) return [[name, value]];
    if (!required) return [];
    throw new ResourceFailure(
      `The inputs of this resource have no ${name}. Nothing was changed. Set ${name} in the program and run the command again.`,
    );
  });
  return Object.fromEntries(inputs) as InputsOf<Rows>;
}

/** Those inputs that could be left to the API and are set. */
export function managedNames(table: PropertyTable, inputs: Properties): readonly string[] {
  return table.managedNames.filter((name) => inputs[name] !== undefined);
}

function fits(value: unknown, type: PropertyType): boolean {
  if (type === "any") return value !== undefined;
  if (typeof type === "object" && "oneOf" in type) return type.oneOf.some((allowed) => allowed === value);
  const isNumber = type === "count" || (typeof type === "object" && "integer" in type);
  return typeof value === (isNumber ? "number" : type === "boolean" ? "boolean" : "string");
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
  const { id: _, ...live } = { ...object, ...requiredValues(table, object as Properties) } as Properties;
  const declared: Record<string, unknown> = {};
  for (const [name, row] of table.inputs) {
    if (row.live !== "api") declared[name] = inputs[name];
    if (row.live === "stateOrApi") declared[name] ??= live[name];
  }
  return omitUndefined<object>({
    ...live,
    ...declared,
    __managed: managed,
    __unfinished: unfinished || undefined,
    __version: stateVersion,
  }) as State;
}

/** The live inputs of a managed resource: the inputs with which a program changes nothing. */
function liveInputs<Rows extends PropertyRows>(
  table: TableOf<Rows>,
  object: object,
  state: HiddenState,
): InputsOf<Rows> {
  const stored = { ...state } as Properties;
  const live = object as Properties;
  const inputs: Record<string, unknown> = {};
  for (const [name, row] of table.inputs) {
    if (row.managed && !state.__managed.includes(name)) continue;
    inputs[name] = row.live === "api" ? live[name] : stored[name];
    if (row.live === "stateOrApi") inputs[name] ||= live[name];
  }
  return omitUndefined<object>(inputs) as InputsOf<Rows>;
}

/**
 * The state of a read-only object. Volatile outputs are left out, because any change of them would count as drift. The
 * connection stays, because the next read needs it.
 */
function readOnlyState({ readOnlyNames }: PropertyTable, object: object, { connection }: Properties): object {
  const shown: Properties = { ...object, connection: typeof connection === "string" ? connection : undefined };
  return omitUndefined(Object.fromEntries(readOnlyNames.map((name) => [name, shown[name]])));
}

/**
 * Completes the outputs that the engine has to a state. A property that an older release did not store has its
 * fallback, and a property that this release doesn't know stays.
 */
function readState<Rows extends PropertyRows>(table: TableOf<Rows>, properties: Properties): StateOf<Rows> {
  const managed: unknown = properties["__managed"];
  return {
    ...properties,
    ...requiredValues(table, properties),
    __managed: table.managedNames.filter((name) => Array.isArray(managed) && managed.includes(name)),
    __version: stateVersion,
  } as object as StateOf<Rows>;
}

/** The properties that every object has: their values, or else their fallbacks. Ids are in lower case. */
function requiredValues({ rows }: PropertyTable, properties: Properties): Properties {
  const values = Object.entries(rows).flatMap(([name, { fallback, type }]) => {
    const value = properties[name];
    if (type === "uuid" && typeof value === "string" && value !== "") return [[name, normalizeId(value)]];
    return fallback === undefined ? [] : [[name, typeof value === typeof fallback && value !== "" ? value : fallback]];
  });
  return Object.fromEntries(values) as Properties;
}

/** What inputs and state are to the resource of a property table. */
export function bindState<Rows extends PropertyRows>(table: TableOf<Rows>) {
  return {
    readInputs: (properties: Properties) => readInputs(table, properties),
    readState: (properties: Properties) => readState(table, properties),
    stateOf: (object: object, inputs: Properties, unfinished: boolean) =>
      stateOf<StateOf<Rows>>(table, object, inputs, managedNames(table, inputs), unfinished),
    liveInputs: (object: object, state: HiddenState) => liveInputs(table, object, state),
    /** What a read of an object that exists returns: managed, if the properties in state are those of a managed one. */
    readResult: (object: object, properties: Properties, isFinished: boolean): ReadResult => {
      if (!isManagedState(properties)) {
        const shown = readOnlyState(table, object, properties);
        return { found: true, state: shown, inputs: shown };
      }
      const old = readState(table, properties);
      const inputs = liveInputs(table, object, old);
      const unfinished = old.__unfinished === true && !isFinished;
      return { found: true, state: stateOf(table, object, inputs, old.__managed, unfinished), inputs };
    },
  };
}
