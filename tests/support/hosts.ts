/** The two hosts of the provider. */

/** A host: Pulumi's dynamic one, or the plugin. */
export type Host = "dynamic" | "native";

export const hosts: readonly Host[] = ["dynamic", "native"];

/** The host that a program moves to. */
export const otherHost = (host: Host): Host => (host === "dynamic" ? "native" : "dynamic");

const prefixes: Readonly<Record<Host, string>> = { dynamic: "pulumi-nodejs:dynamic/ona:", native: "ona:index:" };

/** The type token of a resource. */
export const typeIn = (host: Host, name: "WarmPool" | "Prebuild"): string => prefixes[host] + name;

/** Whether a type is that of a warm pool or prebuild in a host. */
export const isTypeIn = (host: Host, type: string): boolean => type.startsWith(prefixes[host]);

/** The same in either host. */
export const isOurType = (type: string): boolean => hosts.some((host) => isTypeIn(host, type));
