/** What programs pass to resources and functions, and what they get: types that derive from the property tables. */
import * as pulumi from "@pulumi/pulumi";
import type { CertainName, OptionalInputs, RequiredInputs, ValueOf } from "../lifecycle/properties.js";

/** A duration may also be a number of seconds. */
type ArgOf<Row> = Row extends { readonly type: { durationMs: unknown } } ? string | number : ValueOf<Row>;

/** The arguments of a resource: the inputs of its property table. */
export type ArgsOf<Rows> = {
  -readonly [Name in keyof RequiredInputs<Rows>]: pulumi.Input<ArgOf<RequiredInputs<Rows>[Name]>>;
} & {
  -readonly [Name in keyof OptionalInputs<Rows>]?: pulumi.Input<ArgOf<OptionalInputs<Rows>[Name]> | undefined>;
};

/** The outputs of a resource: all rows of its property table. */
export type OutputsOf<Rows> = {
  readonly [Name in keyof Rows]: pulumi.Output<
    Name extends CertainName<Rows> ? ValueOf<Rows[Name]> : ValueOf<Rows[Name]> | undefined
  >;
};

/** The arguments of a function, and their items, as outputs of other resources. Optional ones may be undefined. */
export type OutputArgs<Args> = {
  readonly [Name in keyof Args]: [Args[Name]] extends [undefined] ? Args[Name] : pulumi.Input<ItemsOf<Args, Name>>;
};

type ItemsOf<Args, Name extends keyof Args> =
  | (Args[Name] extends readonly (infer Item)[] | undefined ? readonly pulumi.Input<Item>[] : Args[Name])
  | (Record<never, never> extends Pick<Args, Name> ? undefined : never);

/** What a function that returns an output takes besides its arguments. */
export interface OutputOptions {
  /**
   * Resources that must exist before the function calls the API, as do those behind its arguments. A component stands
   * for its children. The result is unknown in a preview that creates or replaces one of them.
   */
  readonly dependsOn?: pulumi.Input<pulumi.Input<pulumi.Resource>[]> | pulumi.Input<pulumi.Resource>;
}

/** What `get` takes besides a name and an id. */
export interface GetOptions extends pulumi.CustomResourceOptions {
  /** The connection to use: a name in `ona:connections`. The general settings apply if it is left out. */
  connection?: pulumi.Input<string | undefined>;
}

/** Returns the options with which a resource is read. Without an id, Pulumi would create it, so that is a RunError. */
export function readOptions(
  call: string,
  name: string,
  id: pulumi.Input<pulumi.ID>,
  opts: GetOptions | undefined,
): GetOptions & { readonly id: pulumi.Input<pulumi.ID> } {
  const given: unknown = id;
  if (given === undefined || given === null || given === "") {
    throw new pulumi.RunError(`${name}: ${call} requires the object's id, a UUID`);
  }
  return { ...opts, id };
}
