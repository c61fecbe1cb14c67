/** The shape of what is kept in state, so that an older release does not take a newer one's state for its own. */
import { ResourceFailure } from "./failures.js";

/** The newest shape that this release reads, and the one that it writes as `__version`. */
export const stateVersion = 1;

/**
 * Refuses state that a newer release has written. What this release does not know it would lose by the next write.
 * @param properties the outputs that the engine has
 * @throws ResourceFailure
 */
export function requireKnownState(properties: Readonly<Record<string, unknown>>): void {
  const version = properties["__version"];
  if (typeof version !== "number" || version <= stateVersion) return;
  throw new ResourceFailure(
    `This resource's state was written by a newer release of pulumi-ona (its shape is ${version}, and this release knows ${stateVersion}). ` +
      "Nothing was changed: install that release, or a newer one, where this program runs (`npm install pulumi-ona@latest`), and run the command again.",
  );
}

/** The connection that properties name, to be kept with an object that is only read: the next read has to find it. */
export function connectionIn(properties: object): { readonly connection?: string } {
  return "connection" in properties && typeof properties.connection === "string"
    ? { connection: properties.connection }
    : {};
}

/** The organization that properties name. */
export function organizationIn(properties: object): string | undefined {
  return "organizationId" in properties && typeof properties.organizationId === "string"
    ? properties.organizationId
    : undefined;
}
