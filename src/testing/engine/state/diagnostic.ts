/** How important a message is. `info#err` is for standard error. */
export type Severity = "debug" | "info" | "info#err" | "warning" | "error";

/**
 * A message to the user, from the engine, the program or a provider. A warning of a provider is an `info` that starts
 * with `warning:`.
 */
export interface Diagnostic {
  readonly severity: Severity;
  readonly message: string;
  /** The resource that it is about. */
  readonly urn?: string;
}
