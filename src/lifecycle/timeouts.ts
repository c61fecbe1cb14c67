/** The timeouts of a resource's operations: Pulumi's customTimeouts. */
import { parseGoDuration } from "../util/duration.js";

/** The operations that customTimeouts can limit. */
export const timeoutOperations = ["create", "update", "delete"] as const;

type TimeoutOperation = (typeof timeoutOperations)[number];

/** Timeouts as Go durations. A missing one has the resource's default. */
export type Timeouts = { readonly [Operation in TimeoutOperation]?: string };

/** The timeout of an operation, in milliseconds. */
export function timeoutOf(operation: TimeoutOperation, timeouts: Timeouts | undefined, defaultMs: number): number {
  const text = timeouts?.[operation];
  return (text === undefined ? undefined : parseGoDuration(text)) ?? defaultMs;
}

/** The only timeout that a later run takes from state: create and update get theirs from the program. */
export function timeoutInState(timeouts: unknown): unknown {
  return typeof timeouts === "object" && timeouts !== null && "delete" in timeouts ? timeouts.delete : undefined;
}
