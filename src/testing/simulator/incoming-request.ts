/** What every request must satisfy, whatever its path: it comes from this machine, and its body is small. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CodeName } from "./connect-codes.js";

/** The limit for the body of a request, in bytes, also after decompression. */
export const maxBodyBytes = 4 * 1024 * 1024;

/** The limit for the headers of a request, which the log of requests keeps, in bytes. */
export const maxHeaderBytes = 8 * 1024;

/** The headers of every response. They stop pages of other sites from framing ours or misreading a response. */
export const securityHeaders = {
  "Content-Security-Policy":
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
};

/** Whether a request comes from this machine and not from a page of another site, also not by DNS rebinding. */
export function isLocal({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? "";
  const isLoopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
  // An image or a script of a page comes without an Origin.
  const isEmbedded = headers["sec-fetch-mode"] === "no-cors" && headers["sec-fetch-site"] !== "same-origin";
  return isLoopback && !isEmbedded && (headers.origin === undefined || headers.origin === `http://${host}`);
}

/** The body of a request, or undefined if it is larger than {@link maxBodyBytes}. What is too much is not kept. */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"]) > maxBodyBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) return void chunks.push(chunk);
      chunks = [];
      resolve(undefined);
    });
    request.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

/** Refuses a request without an object that it names. The body has the shape of a Connect error. */
export function refuseRequest(response: ServerResponse, status: 403 | 413): void {
  const reasons: Record<typeof status, { code: CodeName; message: string }> = {
    403: { code: "permission_denied", message: "the simulator answers requests of this machine only" },
    413: { code: "resource_exhausted", message: `the body is larger than ${maxBodyBytes} bytes` },
  };
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(reasons[status]));
}
