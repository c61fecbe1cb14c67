/** Errors as the dynamic host wants them. */
import { ConfigError } from "../../settings/settings.js";
import { PartialFailure, ResourceFailure } from "../../lifecycle/failures.js";
import { unmarked } from "./reporter.js";

/**
 * The error to throw at the host in place of `error`.
 *
 * The host prints `${error}: ${error.stack}` for some calls, so an error that people are expected to meet shows its message once and no stack. One with an id becomes a
 * partial failure: the engine keeps id and properties.
 * @param isExpected whether a further kind of error needs no stack
 * @param left the properties to keep of a partial failure, made of its state
 */
export function hostError(
  error: unknown,
  isExpected: (error: Error) => boolean,
  left: (state: object) => object = (state) => state,
): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const expected = error instanceof ResourceFailure || error instanceof ConfigError || isExpected(error);
  if (!expected) return error;
  const message = unmarked(error.message);
  const shown = new Error(message);
  shown.stack = message;
  shown.toString = () => "pulumi-ona";
  if (!(error instanceof PartialFailure)) return shown;
  return Object.assign(shown, { id: error.id, properties: left(error.state), reasons: [message] });
}
