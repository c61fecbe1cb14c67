/** What the rest of the package may use of the API client. */
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
  isNotFound,
  isOutcomeUnknown,
  isTransient,
  OnaError,
  type SettingNames,
  ignoreNotFound,
} from "./errors.js";
export type { PrebuildMessage, WarmPoolMessage } from "./schemas.js";
