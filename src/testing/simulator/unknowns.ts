/**
 * The open points: what the API's documentation doesn't say, with every plausible answer. Switch one to find out
 * whether a program depends on it. The first answer is the simulator's default.
 */

export const plausible = {
  /** The code for a second pool of a project and class. */
  duplicatePair: ["already_exists", "failed_precondition", "aborted"],
  /** The code for a pool or prebuild of a class that is not in the project's prebuild configuration. */
  missingConfiguration: ["failed_precondition", "aborted", "already_exists", "invalid_argument", "not_found"],
  /** The code for a new pool while the pair's old one is still DELETING. */
  createWhileDeleting: ["failed_precondition", "already_exists", "aborted"],
  /** The code for max_size below min_size. */
  crossedSizes: ["invalid_argument", "failed_precondition", "out_of_range"],
  /** The sizes of a pool created without any: min 1 and max 2, one instance, none, or an error. */
  neitherSize: ["oneToTwo", "one", "unset", "invalid_argument"],
  /** What Get returns for a deleted pool. */
  deletedPool: ["not_found", "deleted"],
  /** What Get returns for a deleted or expired prebuild. */
  deletedPrebuild: ["not_found", "deleted"],
  /** Whether List includes objects that Get shows as DELETED. */
  listDeleted: ["hidden", "shown"],
  /** The order of List. */
  listOrder: ["oldestFirst", "newestFirst"],
  /**
   * Whether List reads `token` and `pageSize` from the query of a POST, where Ona's older Python client sends them.
   * With `ignored`, that client reads the first page again and again.
   */
  queryPagination: ["read", "ignored"],
  /** The code for a project that does not exist. */
  unknownProject: ["not_found", "permission_denied", "failed_precondition"],
  /** Whether a token may ask whose it is, or the server knows this call at all. */
  identityCalls: ["allowed", "permission_denied", "unimplemented"],
  /** The same for projects. */
  projectCalls: ["allowed", "permission_denied", "unimplemented"],
  /** The same for environment classes. */
  environmentClassCalls: ["allowed", "permission_denied", "unimplemented"],
  /** Which fields of a project a search looks at. */
  projectSearch: ["name", "nameAndRepository"],
  /** The response to an update of a pool that is DELETING. */
  updateWhileDeleting: ["failed_precondition", "aborted", "not_found", "ok"],
  /** The response to a second delete while the first is in progress. */
  deleteAgain: ["ok", "failed_precondition", "not_found"],
  /** The response to a cancellation of a prebuild that has ended. */
  cancelFinished: ["failed_precondition", "invalid_argument", "ok"],
  /** Whether deleting a running prebuild cancels it or fails. */
  deleteRunning: ["ok", "failed_precondition"],
  /**
   * Whether the live log URL returns the whole log and follows the run, returns the log so far, or follows the run from
   * now on.
   */
  liveLogs: ["follow", "soFar", "fromNow"],
} as const;

/** One answer for each point. */
export type Unknowns = { [Point in keyof typeof plausible]: (typeof plausible)[Point][number] };

/** The simulator's default answers. */
export const defaultUnknowns = Object.fromEntries(
  Object.entries(plausible).map(([point, [first]]) => [point, first]),
) as Unknowns;
