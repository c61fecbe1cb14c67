/**
 * The text that a dynamic resource carries as its provider.
 *
 * Pulumi's own serializer would make kilobytes of it and load TypeScript to do so. The text is in users' state and the
 * host must run it forever, so it is the same in every release and captures nothing: a fix reaches refresh and delete
 * of old state at once, and an upgrade shows no diff.
 * @param exportName the name of the provider among the exports of `pulumi-ona/provider`
 * @returns a module whose `handler()` gives the provider object
 */
export function stubText(exportName: string): string {
  return `exports.handler = () => require("pulumi-ona/provider").${exportName};`;
}
