/** The limits in time of a resource's operations: Pulumi's customTimeouts. */
import { parseGoDuration } from "../util/duration.js";

/** The operations that customTimeouts can limit. */
export const timeoutOperations = ["create", "update", "delete"] as const;

/** An operation that customTimeouts can limit. */
export type TimeoutOperation = (typeof timeoutOperations)[number];

/** The limits of a resource in time, as Go durations; what is left out has the resource's default. */
export type Timeouts = { readonly [Operation in TimeoutOperation]?: string };

/**
 * The limit of an operation, in milliseconds.
 * @param fallback where customTimeouts says nothing, in milliseconds
 */
export function timeoutOf(operation: TimeoutOperation, timeouts: Timeouts | undefined, fallback: number): number {
  const text = timeouts?.[operation];
  return (text === undefined ? undefined : parseGoDuration(text)) ?? fallback;
}

/** The one limit that a later run takes from the state: create and update get theirs from the program that runs them. */
export function timeoutInState(timeouts: unknown): unknown {
  return typeof timeouts === "object" && timeouts !== null && "delete" in timeouts ? timeouts.delete : undefined;
}
