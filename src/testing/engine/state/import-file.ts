/** The format of a file for `pulumi import --file`. */
import type { Json } from "./property-values.js";

/** One resource of an import file. */
export interface ImportedResource {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** Required for dynamic resources. A provider plugin reads inputs and outputs. */
  readonly inputs?: Record<string, Json>;
  readonly outputs?: Record<string, Json>;
  readonly protect?: boolean;
}

/** The content of an import file. */
export interface ImportFile {
  readonly resources: readonly ImportedResource[];
}
