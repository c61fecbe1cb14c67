/**
 * The text that a dynamic resource carries as its provider: a module whose `handler()` gives an export of
 * `pulumi-ona/provider`.
 *
 * Pulumi's own serializer would make kilobytes of it and load TypeScript. The text is in users' state, so it is the
 * same in every release and captures nothing: a fix reaches old state at once, and an upgrade shows no diff.
 */
export function stubText(exportName: string): string {
  return `exports.handler = () => require("pulumi-ona/provider").${exportName};`;
}
