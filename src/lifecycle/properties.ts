/**
 * The property table of a resource: one row for each input and output. Names, checks, state, diff and drift derive from
 * it. It is plain data, because every program loads it. A schema and reference pages can be generated from it.
 */
/** What a property holds. validation.ts has the rules. Bounds are inclusive. */
export type PropertyType =
  | "any"
  | "boolean"
  | "connectionName"
  | "count"
  | "string"
  | "timestamp"
  | "uuid"
  | { readonly integer: readonly [min: number, max: number] }
  | { readonly oneOf: readonly (string | boolean)[] }
  /** Whole seconds, as text such as `"1h30m"`. Programs may also pass a number of seconds. */
  | { readonly durationMs: readonly [min: number, max: number] };

/** A row. Its docstring is what users read about the property, as an input and as an output. */
export interface Property {
  readonly type: PropertyType;
  /** On inputs only: a change creates another object, changes the object in place, or is only noted in state. */
  readonly onChange?: "replace" | "update" | "stateOnly";
  /** The program must set this input. */
  readonly required?: true;
  /** The value of an input that neither the program nor the state has. */
  readonly default?: string | boolean;
  /** The program may leave this input to the API. State lists in `__managed` which of these the program sets. */
  readonly managed?: true;
  /**
   * Where the current value comes from: the API, the state (the API doesn't know it), or the state with the API as
   * fallback (the API never changes it, so what the program declared stays).
   */
  readonly live: "api" | "state" | "stateOrApi";
  /** The value changes without the program, so a read-only resource leaves it out. */
  readonly volatile?: true;
  /** Every object has this property. A state that lacks it is read as this value. */
  readonly fallback?: string | number | boolean;
  /** Programs may rely on this output, although it has no fallback. */
  readonly always?: true;
}

export type PropertyRows = Readonly<Record<string, Property>>;

/** The rows that have what `Condition` has, or that lack it. Types that derive from them have their docstrings. */
type Where<Rows, Condition> = { [Name in keyof Rows as Rows[Name] extends Condition ? Name : never]: Rows[Name] };
type Except<Rows, Condition> = { [Name in keyof Rows as Rows[Name] extends Condition ? never : Name]: Rows[Name] };
type NameOf<Rows, Condition> = keyof Where<Rows, Condition> & string;

type IsInput = { readonly onChange: string };
type IsManaged = { readonly managed: true };
type HasFallback = { readonly fallback: unknown };
type IsAtApi = { readonly live: "api" | "stateOrApi" };
type IsReadOnly = IsAtApi & { readonly volatile?: never };

/** The rows of the inputs that the program must set. */
export type RequiredInputs<Rows> = Where<Rows, IsInput & { readonly required: true }>;

/** The rows of the other inputs. */
export type OptionalInputs<Rows> = Except<Where<Rows, IsInput>, { readonly required: true }>;

/** The names of the outputs that every object has. */
export type CertainName<Rows> = NameOf<Rows, HasFallback | { readonly always: true }>;

/** A table with the lists that derive from it, each in the order of the table. */
export interface PropertyTable {
  readonly rows: PropertyRows;
  /** The rows of the inputs, with their names. */
  readonly inputs: readonly (readonly [name: string, row: Property])[];
  readonly inputNames: readonly string[];
  /** Properties that are only outputs. */
  readonly outputNames: readonly string[];
  /** Inputs that the program may leave to the API. */
  readonly managedNames: readonly string[];
  /** The outputs of a managed resource: all rows. */
  readonly allNames: readonly string[];
  /** The outputs of a read-only resource: what the API says and only a program changes, and the connection. */
  readonly readOnlyNames: readonly string[];
}

/** A table whose lists have the types of its rows. */
export interface TableOf<Rows extends PropertyRows> extends PropertyTable {
  readonly rows: Rows;
  readonly inputNames: readonly NameOf<Rows, IsInput>[];
  readonly managedNames: readonly NameOf<Rows, IsManaged>[];
  readonly readOnlyNames: readonly (NameOf<Rows, IsReadOnly> | "connection")[];
}

/** Derives the lists of names from the rows. @internal */
export function defineProperties<const Rows extends PropertyRows>(rows: Rows): TableOf<Rows> {
  const entries = Object.entries<Property>(rows);
  const names = (condition: (row: Property) => boolean) =>
    entries.flatMap(([name, row]) => (condition(row) ? [name] : []));
  return {
    rows,
    inputs: entries.filter(([, { onChange }]) => onChange !== undefined),
    inputNames: names(({ onChange }) => onChange !== undefined),
    outputNames: names(({ onChange }) => onChange === undefined),
    managedNames: names(({ managed = false }) => managed),
    allNames: Object.keys(rows),
    readOnlyNames: [...names(({ live, volatile }) => live !== "state" && !volatile), "connection"],
  } as object as TableOf<Rows>;
}

/** The value of a property in checked inputs, in state and in outputs. */
export type ValueOf<Row> = Row extends { readonly type: infer Type }
  ? Type extends "any"
    ? unknown
    : Type extends "boolean"
      ? boolean
      : Type extends "count" | { integer: unknown }
        ? number
        : Type extends { oneOf: readonly (infer Value)[] }
          ? Value
          : string
  : never;

type Values<Rows> = { readonly [Name in keyof Rows]: ValueOf<Rows[Name]> };
type Outputs<Rows> = Values<Where<Rows, HasFallback>> & Partial<Values<Except<Rows, HasFallback>>>;

/** The checked inputs of a table. */
export type InputsOf<Rows> = Values<RequiredInputs<Rows>> & Partial<Values<OptionalInputs<Rows>>>;

/** An object as the API describes it, without its id. */
export type DetailsOf<Rows> = Outputs<Where<Rows, IsAtApi>>;

/** The state of a managed object: the outputs, and hidden ones. */
export type StateOf<Rows> = Outputs<Rows> & HiddenState<ManagedNameOf<Rows>>;

export type ManagedNameOf<Rows> = NameOf<Rows, IsManaged>;

/** Outputs that users don't see: what later calls need. */
export interface HiddenState<Name extends string = string> {
  /** The inputs set by the program that it could also leave to the API. A read-only resource has no `__managed`. */
  readonly __managed: readonly Name[];
  /** The object is not in the requested state yet. The next `up` continues, even after a refresh. */
  readonly __unfinished?: true;
  /** The shape of this state: `stateVersion` in state.ts. */
  readonly __version: number;
}
