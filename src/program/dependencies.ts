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
    return pulumi.all(resources.map(identifierOf));
  };
  return pulumi.output(identifiers()).apply(() => args);
}

/** The id is unknown in a preview until the resource exists. Remote components have none, the engine waits for them. */
function identifierOf(resource: pulumi.Resource): pulumi.Output<string> {
  const id: pulumi.Output<string> | undefined = pulumi.CustomResource.isInstance(resource) ? resource.id : undefined;
  return id ?? resource.urn;
}
