/**
 * The property table of a resource: one row for each input and output. Names, checks, state, diff and drift derive from
 * it. It is plain data, because every program loads it. A schema and reference pages can be generated from it.
 */
import type { Timeouts } from "./timeouts.js";

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

export interface Property {
  readonly type: PropertyType;
  /** What users read. The docstring in resource.ts says the same, and a test compares the two. */
  readonly description: string;
  /** The API field that an input is sent as. */
  readonly sentAs?: string;
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
}

export type PropertyRows = Readonly<Record<string, Property>>;

/** The names of the rows that have what `Condition` has. */
type NameOf<Rows extends PropertyRows, Condition> = {
  [Name in keyof Rows & string]: Rows[Name] extends Condition ? Name : never;
}[keyof Rows & string];

type IsInput = { readonly onChange: string };
type IsManaged = { readonly managed: true };
type IsSteady = { readonly live: "api" | "stateOrApi"; readonly volatile?: never };

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
  /** What the API says and only a program changes. */
  readonly steadyNames: readonly string[];
  /** What a managed resource shows. */
  readonly shownNames: readonly string[];
  /** What a read-only resource shows. */
  readonly readNames: readonly string[];
}

/** A table whose lists have the types of its rows. */
export interface TableOf<Rows extends PropertyRows> extends PropertyTable {
  readonly rows: Rows;
  readonly inputNames: readonly NameOf<Rows, IsInput>[];
  readonly managedNames: readonly NameOf<Rows, IsManaged>[];
  readonly readNames: readonly (NameOf<Rows, IsSteady> | "connection")[];
}

/** Derives the lists of names from the rows. */
export function defineProperties<const Rows extends PropertyRows>(rows: Rows): TableOf<Rows> {
  const entries = Object.entries<Property>(rows);
  const names = (condition: (row: Property) => boolean) =>
    entries.flatMap(([name, row]) => (condition(row) ? [name] : []));
  const steadyNames = names(({ live, volatile }) => live !== "state" && !volatile);
  return {
    rows,
    inputs: entries.filter(([, { onChange }]) => onChange !== undefined),
    inputNames: names(({ onChange }) => onChange !== undefined),
    outputNames: names(({ onChange }) => onChange === undefined),
    managedNames: names(({ managed = false }) => managed),
    steadyNames,
    shownNames: Object.keys(rows),
    readNames: [...steadyNames, "connection"],
  } as object as TableOf<Rows>;
}

type ValueOf<Type extends PropertyType> = Type extends "any"
  ? unknown
  : Type extends "boolean"
    ? boolean
    : Type extends "count" | { integer: unknown }
      ? number
      : Type extends { oneOf: readonly (infer Value)[] }
        ? Value
        : string;

/** The checked inputs of a table. */
export type InputsOf<Rows extends PropertyRows> = {
  readonly [Name in NameOf<Rows, IsInput & { readonly required: true }>]: ValueOf<Rows[Name]["type"]>;
} & {
  readonly [Name in Exclude<NameOf<Rows, IsInput>, NameOf<Rows, { readonly required: true }>>]?: ValueOf<
    Rows[Name]["type"]
  >;
} & { readonly __timeouts?: Timeouts };

export type ManagedNameOf<Rows extends PropertyRows> = NameOf<Rows, IsManaged>;

/** Inputs that state repeats, because the API doesn't know them. */
export type StateInputsOf<Rows extends PropertyRows> = {
  readonly [Name in NameOf<Rows, IsInput & { readonly live: "state" }>]?: ValueOf<Rows[Name]["type"]>;
};
