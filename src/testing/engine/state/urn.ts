/** URNs, the unique names of resources. */

/** The type of the resource at the root of every stack. */
export const stackType = "pulumi:pulumi:Stack";

/** The package whose provider runs dynamic resources of Node programs. */
export const dynamicPackage = "pulumi-nodejs";

/** Builds a URN. It includes the type of the parent, unless the parent is the stack. */
export function makeUrn(
  stack: string,
  project: string,
  parent: string | undefined,
  type: string,
  name: string,
): string {
  const parentType = parent === undefined || parent === "" ? "" : qualifiedTypeOf(parent);
  const prefix = parentType === "" || parentType === stackType ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** The type with those of its parents: `a:b:C$d:e:F`. */
export function qualifiedTypeOf(urn: string): string {
  return urn.split("::")[2] ?? "";
}

/** The resource's own type. */
export function typeOf(urn: string): string {
  return qualifiedTypeOf(urn).split("$").at(-1) ?? "";
}

/** The resource's name. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Whether a URN is that of the stack itself. */
export function isRootStack(urn: string): boolean {
  return qualifiedTypeOf(urn) === stackType;
}

/** Whether a type is that of a provider resource. */
export function isProviderType(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}

/** Whether a URN is that of a default provider, which the engine creates and does not show. */
export function isDefaultProvider(urn: string): boolean {
  return isProviderType(typeOf(urn)) && nameOf(urn).startsWith("default");
}

/** The URN of a provider reference (`URN::ID`). */
export function urnOfProvider(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}

/** The id of a provider reference. */
export function idOfProvider(reference: string): string {
  return reference.slice(reference.lastIndexOf("::") + 2);
}

/** The package of a type token. */
export function packageOf(type: string): string {
  return type.split(":")[0] ?? "";
}

/** The package of a provider resource's type. */
export function packageOfProvider(type: string): string {
  return type.slice("pulumi:providers:".length);
}
