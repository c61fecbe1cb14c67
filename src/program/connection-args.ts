/**
 * What says which account a function asks. Knows nothing of the client, so that the types of a program do not reach
 * into it.
 */
import type * as pulumi from "@pulumi/pulumi";

/** What every function takes besides its own arguments. */
export interface ConnectionArgs {
  /**
   * The connection over which the API is asked, by its name in `ona:connections`; left out, the general settings hold.
   */
  readonly connection?: string | undefined;
}

/** As {@link ConnectionArgs}, from other resources' outputs. */
export interface ConnectionOutputArgs {
  readonly connection?: pulumi.Input<string | undefined>;
}
