/** Waits for resources the way Pulumi's own functions do (`invokeOutput` in the SDK's runtime/invoke). */
import * as pulumi from "@pulumi/pulumi";
import { getAllResources } from "@pulumi/pulumi/output";
import * as runtimeDependsOn from "@pulumi/pulumi/runtime/dependsOn";
import type { OutputOptions } from "./options.js";

// Not among the SDK's public types.
const { gatherExplicitDependencies, getAllTransitivelyReferencedResources } = runtimeDependsOn as unknown as {
  gatherExplicitDependencies: (dependsOn: OutputOptions["dependsOn"]) => Promise<pulumi.Resource[]>;
  /** Replaces components by their children. */
  getAllTransitivelyReferencedResources: (
    resources: ReadonlySet<pulumi.Resource>,
    exclude: ReadonlySet<pulumi.Resource>,
  ) => Promise<pulumi.Resource[]>;
};

/**
 * Returns the arguments once all resources behind them and in `dependsOn` exist, with the children of components. The
 * output is unknown in a preview that creates or replaces one of them, even if the arguments are known.
 */
export function awaitCreated<Args>(args: pulumi.Output<Args>, { dependsOn }: OutputOptions): pulumi.Output<Args> {
  const identifiers = async () => {
    const direct = [...(await gatherExplicitDependencies(dependsOn)), ...(await getAllResources(args))];
    const resources = await getAllTransitivelyReferencedResources(new Set(direct), new Set());
    return pulumi.all(resources.flatMap(proofsOf));
  };
  return pulumi.output(identifiers()).apply(() => args);
}

/**
 * Outputs that are unknown in a preview until the resource exists. A remote component has no id, and its children are
 * not known here: their outputs are behind its own.
 */
function proofsOf(resource: pulumi.Resource): pulumi.Output<unknown>[] {
  if (pulumi.CustomResource.isInstance(resource)) return [resource.id];
  const outputs: unknown[] = Object.values(resource);
  return outputs.filter((output) => pulumi.Output.isInstance(output)).map((output) => pulumi.unsecret(output));
}
