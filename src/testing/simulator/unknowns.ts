// The points on which the API's behaviour is not known, each with every plausible answer. Whoever depends on one of
// them either way finds out by switching it. The first answer is the one that the simulator gives by itself.

export const plausible = {
  /** The code for a second pool of a project and class. */
  duplicatePair: ["already_exists", "failed_precondition", "aborted"],
  /** The code for a pool or prebuild of a class that is not in the project's prebuild configuration. */
  missingConfiguration: ["failed_precondition", "aborted", "already_exists", "invalid_argument", "not_found"],
  /** The code for a new pool while the pair's old one is still DELETING. */
  createWhileDeleting: ["failed_precondition", "already_exists", "aborted"],
  /** The code for max_size below min_size. */
  crossedSizes: ["invalid_argument", "failed_precondition", "out_of_range"],
  /** A pool created without any size: min 1 and max 2, one instance, no sizes at all, or a refusal. */
  neitherSize: ["oneToTwo", "one", "unset", "invalid_argument"],
  /** What Get answers about a pool that is cleaned up. */
  deletedPool: ["not_found", "deleted"],
  /** What Get answers about a prebuild that is cleaned up or expired. */
  deletedPrebuild: ["not_found", "deleted"],
  /** Whether List shows what Get still shows as DELETED. */
  listDeleted: ["hidden", "shown"],
  /** The order of List. */
  listOrder: ["oldestFirst", "newestFirst"],
  /** The code for a project that does not exist. */
  unknownProject: ["not_found", "permission_denied", "failed_precondition"],
  /** The answer to an update of a pool that is DELETING. */
  updateWhileDeleting: ["failed_precondition", "aborted", "not_found", "ok"],
  /** The answer to a second delete while the first is still going on. */
  deleteAgain: ["ok", "failed_precondition", "not_found"],
  /** The answer to the cancelling of a prebuild that has ended. */
  cancelFinished: ["failed_precondition", "invalid_argument", "ok"],
  /** The answer to the deletion of a prebuild that is running: it is cancelled with it, or refused. */
  deleteRunning: ["ok", "failed_precondition"],
  /** Whether the live log URL gives the log from its beginning and follows the run, gives what there is so far, or only follows it from now on. */
  liveLogs: ["follow", "soFar", "fromNow"],
} as const;

/** One answer for each point. */
export type Unknowns = { [Point in keyof typeof plausible]: (typeof plausible)[Point][number] };

/** The answers that the simulator gives when nothing is switched. */
export const usual: Unknowns = {
  duplicatePair: "already_exists",
  missingConfiguration: "failed_precondition",
  createWhileDeleting: "failed_precondition",
  crossedSizes: "invalid_argument",
  neitherSize: "oneToTwo",
  deletedPool: "not_found",
  deletedPrebuild: "not_found",
  listDeleted: "hidden",
  listOrder: "oldestFirst",
  unknownProject: "not_found",
  updateWhileDeleting: "failed_precondition",
  deleteAgain: "ok",
  cancelFinished: "failed_precondition",
  deleteRunning: "ok",
  liveLogs: "follow",
};
