/** What `pulumi-ona import` is told. */

/** A project and environment class. */
export interface Pair {
  readonly projectId: string;
  readonly environmentClassId: string;
}

/** What the command is told; ids in lower case. */
export interface ImportOptions {
  readonly all?: boolean;
  readonly pool?: readonly string[];
  readonly prebuild?: readonly string[];
  readonly pair?: readonly Pair[];
  readonly project?: readonly string[];
  /** The name of the one resource that is selected. */
  readonly name?: string;
  readonly stackExport?: string;
  readonly connection?: string;
  readonly out: string;
}
