/** Options of the functions and of `get`. */
import * as pulumi from "@pulumi/pulumi";

/** What every function takes besides its own arguments. */
export interface ConnectionArgs {
  /** The connection to use: a name in `ona:connections`. The general settings apply if it is left out. */
  readonly connection?: string | undefined;
}

/** As {@link ConnectionArgs}, from other resources' outputs. */
export interface ConnectionOutputArgs {
  readonly connection?: pulumi.Input<string | undefined>;
}

/** What a function that returns an output takes besides its arguments. */
export interface OutputOptions {
  /**
   * Resources that must exist before the function calls the API. The result is unknown in a preview while one of them
   * does not exist.
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
