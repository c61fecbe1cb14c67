/**
 * The test engine: runs a real Pulumi program with the real Node SDK and the real provider, dynamic or native, without
 * the CLI.
 */
export { createStack, type ProgramSource, type StackOptions } from "./create-stack.js";
export {
  Stack,
  type CommonOptions,
  type DestroyOptions,
  type PreviewOptions,
  type RefreshOptions,
  type UpOptions,
} from "./stack.js";
export {
  succeed,
  unknownValue,
  type OperationSummary,
  type OutputValue,
  type PlainValue,
  type PropertyChange,
  type ResourceOperation,
  type ResourceView,
} from "./show/operation-summary.js";
export { installShim, type InstalledShim } from "./shim/install.js";
export type { ApiCall, StackSimulator } from "./host/api-calls.js";
export type { ProviderCall } from "./host/provider-call.js";
export type { ConfigEntry, ConfigInput } from "./host/stack-config.js";
export type { Op } from "./plan/step-types.js";
export type { UntypedDeployment } from "./state/deployment-format.js";
export type { Diagnostic, Severity } from "./state/diagnostic.js";
export type { ImportFile, ImportedResource } from "./state/import-file.js";
