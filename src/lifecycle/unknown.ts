/** Stands for a value that a preview cannot know. The host translates Pulumi's own marker to it and back. */
export const unknown = Symbol("unknown");

export function isUnknown(value: unknown): value is typeof unknown {
  return value === unknown;
}
