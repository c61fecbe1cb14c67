/**
 * The text that a dynamic resource carries as its provider.
 *
 * Pulumi's own serialiser would make kilobytes of it and load TypeScript to do so. The text stands in people's state and the host must run it for ever, so it is the
 * same in every release and captures nothing: a fix reaches refresh and delete of old state at once, and an upgrade shows no diff.
 */

/** The name of a provider object that `pulumi-ona/provider` exports. */
export type ProviderName = "warmPool" | "prebuild";

/** The module text whose `handler()` gives the provider object. */
export function stubText(name: ProviderName): string {
  return `exports.handler = () => require("pulumi-ona/provider").${name};`;
}
