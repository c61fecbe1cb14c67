/** What the rest of the package uses of the API client. */
export type { Attempt, AttemptListener } from "./attempt-log.js";
export {
  type CallOptions,
  OnaClient,
  type OnaClientOptions,
  type PrebuildFilter,
  type PrebuildRequest,
  type WarmPoolFilter,
  type WarmPoolSizes,
} from "./client.js";
export {
  type ConnectCode,
  connectCodes,
  ignoreNotFound,
  isNotFound,
  isOutcomeUnknown,
  isTransient,
  OnaError,
  type OnaErrorFacts,
} from "./errors.js";
export type { PrebuildMessage, WarmPoolMessage } from "./schemas.js";
