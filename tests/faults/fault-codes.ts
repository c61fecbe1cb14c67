/** The errors that faults respond with. */
import { connectCodes } from "../../src/client/index.js";

/** Connect codes of calls that had no effect. `resource_exhausted` is missing: rate limits and quotas have their own faults. */
export const codesBefore = connectCodes.filter((code) => code !== "resource_exhausted");

/** Connect codes that don't say whether the call took effect. Only these may follow one that did. */
export const codesAfter = [
  "canceled",
  "unknown",
  "deadline_exceeded",
  "aborted",
  "internal",
  "unavailable",
  "data_loss",
] as const;

/** HTTP statuses of pages that a proxy sends instead of the API. */
export const pageStatuses = [200, 400, 401, 403, 404, 429, 500, 502, 503, 504];
