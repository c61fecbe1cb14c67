// Answers on their way: those that a fault gives before a call, and how a body travels, whole or not.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "./fault-effects.js";
import type { Strike } from "./faults.js";

/** The answer of something between here and there, if the fault is such. */
export function answerWithoutCall({ html, redirect }: Strike, url: string): Answer | undefined {
  if (html !== undefined) {
    const page = html.body ?? `<html><body><h1>${html.status}</h1><p>This page is a proxy's.</p></body></html>\n`;
    return { status: html.status, headers: { "content-type": "text/html; charset=utf-8" }, body: Buffer.from(page) };
  }
  if (redirect === undefined) return undefined;
  const location =
    new URL(redirect.to, "http://simulator").pathname === "/" ? redirect.to.replace(/\/$/, "") + url : redirect.to;
  return { status: redirect.status ?? 307, headers: { location }, body: Buffer.alloc(0) };
}

/** Sends an answer, with the fault of its way. */
export async function send(
  response: ServerResponse,
  { status, headers, body }: Answer,
  strike: Strike | undefined,
): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": body.byteLength });
  if (await pour(response, body, strike)) response.end();
}

/**
 * Writes a part of a body, with the fault of its way.
 * @returns whether more can follow: not after a fault that ends the body in its middle
 */
export async function pour(response: ServerResponse, body: Uint8Array, strike: Strike | undefined): Promise<boolean> {
  if (strike?.truncated || strike?.reset === "after" || strike?.hang === "after") {
    const stop = () => {
      if (strike.truncated) response.destroy();
      if (strike.reset) response.socket?.resetAndDestroy();
    };
    if (body.byteLength < 2) stop();
    else response.write(body.subarray(0, body.byteLength / 2), stop);
    return false;
  }
  const pieces = strike?.slow === undefined ? 1 : 4;
  for (let piece = 0; piece < pieces; piece++) {
    if (piece > 0) await pause((strike?.slow ?? 0) / (pieces - 1), response);
    response.write(slice(body, piece, pieces));
  }
  return true;
}

function slice(body: Uint8Array, piece: number, pieces: number): Uint8Array {
  const at = (n: number) => Math.floor((body.byteLength * n) / pieces);
  return body.subarray(at(piece), at(piece + 1));
}

/** Resolves after so many real milliseconds, or as soon as the connection is gone. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.on("close", done);
  });
}

/** Resets the connection of a request. */
export function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}
