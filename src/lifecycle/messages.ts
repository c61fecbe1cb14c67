/** Messages that the lifecycles of all resources share. */
import { OnaError } from "../client/index.js";
import { ResourceFailure } from "./failures.js";

/** What people should know before an object is dropped from state: the API's word is all there is, and a token of another account gets the same one. */
export const unknownToApi =
  "the API does not know it (not_found), so it is dropped from state. If it should be there: is the token, or the address, that of another account?";

/** As {@link unknownToApi}, where a deletion has found nothing to delete. */
export const nothingDeleted =
  "the API does not know it (not_found), so nothing was deleted. If it should have been there: is the token, or the address, that of another account?";

/** What to do about an object of which nothing was changed. */
export const againWithState = "It stays in state as it was: run `pulumi up` again.";

/** What to do about an object that is in state and not at the API. */
export const thenUp = "Run `pulumi refresh`, then `pulumi up` to make a new one.";

/** An error of the API as the failure of what was done, with what to do next; any other error as it is. */
export function inContext(error: unknown, done: string, next: string): unknown {
  if (!(error instanceof OnaError)) return error;
  return new ResourceFailure(`${done}: ${error.message}. ${next}`, { cause: error });
}
