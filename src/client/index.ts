/** What the rest of the package uses of the API client. */
export type { Attempt, AttemptListener } from "./attempt-log.js";
export {
  type CallOptions,
  OnaClient,
  type OnaClientOptions,
  type PrebuildFilter,
  type PrebuildRequest,
  type ProjectFilter,
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
export type {
  EnvironmentClassMessage,
  IdentityMessage,
  PrebuildMessage,
  ProjectMessage,
  WarmPoolMessage,
} from "./schemas.js";
