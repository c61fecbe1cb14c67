/** The errors that faults answer with. */
import { connectCodes } from "../../src/client/index.js";

/** Connect codes of calls that had no effect; resource_exhausted is a rate limit or a quota, and has faults of its own. */
export const codesBefore = connectCodes.filter((code) => code !== "resource_exhausted");

/** Connect codes that leave it open whether the work was done: only they may come after it was. */
export const codesAfter = [
  "canceled",
  "unknown",
  "deadline_exceeded",
  "aborted",
  "internal",
  "unavailable",
  "data_loss",
] as const;

/** HTTP statuses of pages that are no answers of the API. */
export const pageStatuses = [200, 400, 401, 403, 404, 429, 500, 502, 503, 504];
