/** What a person declares of a prebuild. */
import type { Timeouts } from "../lifecycle/timeouts.js";

/** What of a prebuild's log is printed: the end of it when the run fails, all of it as it comes, or nothing. */
export type PrebuildLogs = "onFailure" | "stream" | "none";

/** The checked inputs of a prebuild. */
export interface PrebuildInputs {
  readonly projectId: string;
  readonly environmentClassId?: string;
  /** In its normal form, `"1h30m"`: whole seconds, 5 min to 2 h. */
  readonly timeout?: string;
  readonly triggers?: unknown;
  readonly waitForCompletion?: boolean;
  readonly logs?: PrebuildLogs;
  readonly recreateWhenExpired?: boolean;
  /** Over which connection it is run; left out, the one that the general settings are of. */
  readonly connection?: string;
  readonly __timeouts?: Timeouts;
}

/** The names of the inputs that a person writes. */
export const inputNames = [
  "projectId",
  "environmentClassId",
  "timeout",
  "triggers",
  "waitForCompletion",
  "logs",
  "recreateWhenExpired",
  "connection",
] as const satisfies (keyof PrebuildInputs)[];

/** The inputs that reach the API and can be left to it. */
export const optionalNames = ["environmentClassId", "timeout"] as const;

/** An input that can be left to the API. */
export type OptionalName = (typeof optionalNames)[number];

/** Those of {@link optionalNames} that are declared. */
export function managedNames(inputs: Partial<PrebuildInputs>): readonly OptionalName[] {
  return optionalNames.filter((name) => inputs[name] !== undefined);
}

/** The inputs among properties that {@link import("./check.js").checkPrebuild} has passed. */
export function readInputs(properties: Readonly<Record<string, unknown>>): PrebuildInputs {
  const { projectId, triggers, logs, connection, __timeouts: timeouts } = properties;
  const text = (name: OptionalName) => (typeof properties[name] === "string" ? { [name]: properties[name] } : {});
  const flag = (name: "waitForCompletion" | "recreateWhenExpired") =>
    typeof properties[name] === "boolean" ? { [name]: properties[name] } : {};
  return {
    projectId: String(projectId),
    ...text("environmentClassId"),
    ...text("timeout"),
    ...(triggers === undefined ? {} : { triggers }),
    ...flag("waitForCompletion"),
    ...(logs === "onFailure" || logs === "stream" || logs === "none" ? { logs } : {}),
    ...flag("recreateWhenExpired"),
    ...(typeof connection === "string" ? { connection } : {}),
    ...(typeof timeouts === "object" && timeouts !== null ? { __timeouts: timeouts } : {}),
  };
}
