/** Sends responses, whole or with a fault of the transport. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Strike } from "./faults.js";

/** An HTTP response before it is sent. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** Sends a response, with the fault if there is one. */
export async function send(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  strike: Strike | undefined,
): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": body.byteLength });
  if (await write(response, body, strike)) response.end();
}

/**
 * Writes a part of a body, with the fault if there is one.
 * @returns false if the fault has ended the body in the middle
 */
export async function write(response: ServerResponse, body: Uint8Array, strike: Strike | undefined): Promise<boolean> {
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

/** Resets the connection of a request. */
export function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

function slice(body: Uint8Array, piece: number, pieces: number): Uint8Array {
  const at = (n: number) => Math.floor((body.byteLength * n) / pieces);
  return body.subarray(at(piece), at(piece + 1));
}

/** Waits in real time, but no longer than the connection exists. */
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
