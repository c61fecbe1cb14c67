/**
 * Unset outputs: undefined in programs, as their types say, but null in state, or a preview would show them as unknown.
 */
import type * as pulumi from "@pulumi/pulumi";

/** The inside of an SDK output, which is not among its public types. */
interface OutputInternals {
  promise?: (withUnknowns?: boolean) => Promise<unknown>;
}

/**
 * Makes outputs of a resource show undefined in place of null.
 * `apply` would be slow, and Pulumi's function serializer cannot keep an accessor that calls it.
 */
export function showUnset(resource: pulumi.Resource, names: readonly string[]): void {
  const outputs = resource as unknown as Readonly<Record<string, OutputInternals | undefined>>;
  for (const name of names) {
    const output = outputs[name];
    const promise = output?.promise;
    if (output === undefined || promise === undefined) continue;
    output.promise = async (withUnknowns) => (await promise(withUnknowns)) ?? undefined;
  }
}
