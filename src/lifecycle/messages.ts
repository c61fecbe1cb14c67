/** Messages that the lifecycles of all resources share. */
import { OnaError } from "../client/index.js";
import { describeObject } from "../util/text.js";
import { ResourceFailure } from "./failures.js";

/** What to do about an object that is in state but not at the API. */
export const adviceToRecreate = "Run `pulumi refresh`, then `pulumi up` to create a new one.";

/**
 * Wraps an API error with what was not done, what state holds now, and what to do next after the error's own advice.
 * Returns any other error unchanged.
 * @param state a sentence without a period at the end, or ""
 * @param next sentences with a period at the end
 */
export function wrapApiError(error: unknown, done: string, state: string, next: string): unknown {
  if (!(error instanceof OnaError)) return error;
  const sentences = [`${done}: ${error.summary}`, state, error.advice, next].filter((sentence) => sentence !== "");
  return new ResourceFailure(sentences.join(". "), { cause: error });
}

/** Wraps an API error that kept an object from being read or changed. Returns any other error unchanged. */
export function wrapUnchanged(error: unknown, kind: string, id: string, failed: "changed" | "read"): unknown {
  const what = failed === "changed" ? "was not changed" : "could not be read";
  const done = `${describeObject(kind, id)} ${what}`;
  return wrapApiError(error, done, `The ${kind} stays in state as it was`, "Run `pulumi up` again.");
}
