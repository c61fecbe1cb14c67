/** Messages to the user. */

export type Severity = "debug" | "info" | "info#err" | "warning" | "error";

/** A message to the user, from the engine, the program or a provider. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly message: string;
  readonly urn?: string;
}
