/** Options of the functions that give an output. */
import type * as pulumi from "@pulumi/pulumi";

/** What a function that gives an output takes besides its arguments. */
export interface OutputOptions {
  /**
   * Resources that have to be there before the function asks; while one of them is not, in a preview, the result is
   * unknown.
   */
  readonly dependsOn?: pulumi.Input<pulumi.Input<pulumi.Resource>[]> | pulumi.Input<pulumi.Resource>;
}
