/** A value that is not known yet, as a preview has it. */

/** Stands for a value that a preview cannot know. The seam to Pulumi translates Pulumi's own marker to it and back. */
export const unknown = Symbol("unknown");

/** True for {@link unknown}. */
export function isUnknown(value: unknown): value is typeof unknown {
  return value === unknown;
}
