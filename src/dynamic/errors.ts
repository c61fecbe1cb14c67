/** Errors as the dynamic host wants them. */
import { ConfigError } from "../config.js";
import { PartialFailure, ResourceFailure } from "../failure.js";
import { unmarked } from "./console.js";

/**
 * The error to throw at the host in place of `error`.
 *
 * The host prints `${error}: ${error.stack}` for some calls, so an error that people are expected to meet shows its message once and no stack. One with an id becomes a
 * partial failure: the engine keeps id and properties.
 * @param isExpected whether a further kind of error needs no stack
 * @param provider the text of the resource's provider: unlike what a method returns, the host does not add it to the properties of a partial failure, and without it
 *   no later call could find the provider
 */
export function hostError(error: unknown, isExpected: (error: Error) => boolean, provider?: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const expected = error instanceof ResourceFailure || error instanceof ConfigError || isExpected(error);
  if (!expected) return error;
  const message = unmarked(error.message);
  const shown = new Error(message);
  shown.stack = message;
  shown.toString = () => "pulumi-ona";
  if (!(error instanceof PartialFailure)) return shown;
  const properties = { ...error.state, __provider: provider };
  return Object.assign(shown, { id: error.id, properties, reasons: [message] });
}
