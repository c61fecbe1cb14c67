/** What the address of a server says about it. */

/** Whether a URL leads to this machine, by its host. */
function isLoopback({ hostname }: URL): boolean {
  return /^(?:(?:.+\.)?localhost\.?|0\.0\.0\.0|127(?:\.\d{1,3}){3}|\[::1?\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/.test(
    hostname,
  );
}

/** Whether nobody can read a token on its way to `url`: https, or http within this machine. */
export function isSecureUrl(url: URL): boolean {
  const isPlain = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isPlain);
}

/** Whether a server may send us to `url`: to this machine only if it is the server itself, or plain http on it. */
export function mayLeadTo(url: URL, server: URL): boolean {
  return !isLoopback(url) || url.origin === server.origin || (server.protocol === "http:" && isLoopback(server));
}

/** The origin of a URL, or its scheme if it has none. */
export function originOf({ origin, protocol }: URL): string {
  return origin === "null" ? protocol : origin;
}
