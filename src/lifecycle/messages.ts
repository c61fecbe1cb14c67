/** Messages that the lifecycles of all resources share. */
import { OnaError } from "../client/index.js";
import { ResourceFailure } from "./failures.js";

/** What to do about an object that was not changed. */
export const adviceToRetry = "It stays in state as it was. Run `pulumi up` again.";

/** What to do about an object that is in state but not at the API. */
export const adviceToRecreate = "Run `pulumi refresh`, then `pulumi up` to create a new one.";

/** Wraps an API error with what was not done and what to do next. Returns any other error unchanged. */
export function wrapApiError(error: unknown, done: string, next: string): unknown {
  if (!(error instanceof OnaError)) return error;
  return new ResourceFailure(`${done}: ${error.message}. ${next}`, { cause: error });
}
