/**
 * The proxy of a request, from the environment variables that curl and Go read. undici's own reading of them refuses
 * addresses without a scheme, and knows neither ALL_PROXY nor networks in NO_PROXY.
 */
import { BlockList, isIP } from "node:net";
import { ExpectedError } from "../util/expected-error.js";

export interface Proxy {
  /** The variable that it is from. Errors name it, and never its value. */
  readonly variable: string;
  readonly protocol: "http:" | "https:" | "socks5:";
  /** Host and port, if it has one. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable with a proxy that can't be used. */
export class ProxyError extends ExpectedError {
  override readonly name = "ProxyError";
}

/** For https. Of a pair, curl and undici prefer the lower case; undici falls back to the proxy for http. */
const proxyVariables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY"];

/**
 * Finds the proxy for a URL. Plain http stays on this machine: a proxy must not see its token, and could not reach the
 * server.
 * @returns undefined for a direct connection
 * @throws ProxyError that names the variable
 */
export function findProxy(url: URL, env: Environment): Proxy | undefined {
  if (url.protocol !== "https:") return undefined;
  const [variable, value] = firstSet(env, proxyVariables);
  return value === "" || isExempt(url, firstSet(env, ["no_proxy", "NO_PROXY"])[1]) ? undefined : parse(variable, value);
}

function firstSet(env: Environment, names: readonly string[]): readonly [name: string, value: string] {
  const name = names.find((each) => env[each]?.trim()) ?? "";
  return [name, env[name]?.trim() ?? ""];
}

const protocols: Readonly<Record<string, Proxy["protocol"]>> = {
  "http:": "http:",
  "https:": "https:",
  "socks:": "socks5:",
  "socks5:": "socks5:",
  "socks5h:": "socks5:",
};

function parse(variable: string, value: string): Proxy {
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // An unencoded "/", "?" or "#" in the password ends the host.
  if (url === undefined || url.hostname === "" || `${url.pathname}${url.search}${url.hash}`.includes("@")) {
    throw new ProxyError(
      `${variable} is not the address of a proxy. Use one such as http://user:password@host:port, and percent-encode special characters in user and password.`,
    );
  }
  const protocol = protocols[url.protocol];
  if (protocol === undefined) {
    const name = url.protocol.slice(0, -1);
    throw new ProxyError(
      `${variable} is a proxy of the type ${name}, which is not supported. Use http, https or socks5.`,
    );
  }
  return { variable, protocol, host: url.host, user: decode(url.username), password: decode(url.password) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether NO_PROXY lists a URL: by host, domain, address or network, with a port or without, or as `*`. */
function isExempt({ hostname, port }: URL, noProxy: string): boolean {
  const host = trimHost(hostname);
  return noProxy.split(/[\s,]+/).some((entry) => {
    // More than one colon is an IPv6 address, and only brackets separate that from a port.
    const [, name = entry, entryPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    if (entryPort !== undefined && entryPort !== (port || "443")) return false;
    const exempt = trimHost(name);
    if (exempt === "*") return true;
    if (isIP(host) !== 0) return isInNetwork(host, exempt);
    const domain = exempt.replace(/^\*?\./, "");
    return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
  });
}

function trimHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** Whether an address is in a network such as `10.0.0.0/8`, or is the address alone. */
function isInNetwork(address: string, network: string): boolean {
  const [, base = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
  const [bits, family] = isIP(base) === 6 ? [128, "ipv6" as const] : [32, "ipv4" as const];
  if (isIP(base) === 0 || isIP(base) !== isIP(address) || Number(prefix ?? bits) > bits) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(prefix ?? bits), family);
  return list.check(address, family);
}
