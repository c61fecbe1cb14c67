/** Whether nobody can read a token on its way to `url`: https, or http within this machine. */
export function isSecureUrl(url: URL): boolean {
  const isLoopback = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback);
}
