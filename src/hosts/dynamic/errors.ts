/** Errors in the form that the dynamic host wants. */
import { messageOf, PartialFailure } from "../../lifecycle/failures.js";
import { ExpectedError } from "../../util/expected-error.js";
import { escapeColorMarks } from "../../util/text.js";

/**
 * The error to throw at the host in place of `error`. The host prints `${error}: ${error.stack}` for some calls, so an
 * expected error shows its message once and no stack. An error with an id is a partial failure to the host: the engine
 * keeps id and properties.
 * @param outputsOf the outputs to keep, made from the state of a partial failure
 */
export function hostError(error: unknown, outputsOf: (state: object) => object = (state) => state): Error {
  if (!(error instanceof Error)) return new Error(messageOf(error));
  if (!(error instanceof ExpectedError)) return error;
  const message = escapeColorMarks(error.message);
  const shown = new Error(message);
  shown.stack = message;
  shown.toString = () => "pulumi-ona";
  if (!(error instanceof PartialFailure)) return shown;
  return Object.assign(shown, { id: error.id, properties: outputsOf(error.state), reasons: [message] });
}
