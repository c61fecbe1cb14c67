/** Options of `get`. */
import * as pulumi from "@pulumi/pulumi";

/** What `get` takes besides a name and an id. */
export interface GetOptions extends pulumi.CustomResourceOptions {
  /** The connection over which it is read; left out, the one that the general settings are of. */
  connection?: pulumi.Input<string | undefined>;
}

/**
 * The options with which a resource is read.
 * @param call how the function is called, for an error
 * @throws pulumi.RunError when there is no id: Pulumi would take the resource for one to be made
 */
export function readingOptions(
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
