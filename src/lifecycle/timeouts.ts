/** Pulumi's customTimeouts, as a program passes them to a dynamic provider. */

/** The operations that customTimeouts can limit. */
export const timeoutOperations = ["create", "update", "delete"] as const;

type TimeoutOperation = (typeof timeoutOperations)[number];

/** Timeouts as Go durations. A missing one has the resource's default. */
export type Timeouts = { readonly [Operation in TimeoutOperation]?: string };
