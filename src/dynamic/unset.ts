/** What a program sees of outputs that are not set: undefined, as their types say. State has null for them, or each preview would take them for not known yet. */
import * as pulumi from "@pulumi/pulumi";

/**
 * Makes properties of a resource show undefined in place of null.
 * @param names the resource's outputs
 */
export function showUnset(resource: pulumi.Resource, names: readonly string[]): void {
  const properties = resource as unknown as Record<string, pulumi.Output<unknown> | undefined>;
  for (const name of names) {
    const output = properties[name];
    if (!pulumi.Output.isInstance(output)) continue;
    let shown: pulumi.Output<unknown> | undefined;
    // Only once it is asked for: a program reads few of them, and each `apply` costs time.
    const get = () => (shown ??= output.apply((value) => value ?? undefined));
    Object.defineProperty(resource, name, { get, enumerable: true, configurable: true });
  }
}
