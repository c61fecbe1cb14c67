/** Options of `get`. */
import type * as pulumi from "@pulumi/pulumi";

/** What `get` takes besides a name and an id. */
export interface GetOptions extends pulumi.CustomResourceOptions {
  /** The connection over which it is read; left out, the one that the general settings are of. */
  connection?: pulumi.Input<string | undefined>;
}
