/** An HTTP server that gives scripted answers and keeps a log of what it was asked. Knows nothing of the API. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** What one request is answered with. */
export type Reply = (response: ServerResponse, request: IncomingMessage) => void;

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class WireServer {
  readonly requests: LoggedRequest[] = [];
  #script: Reply[];
  readonly #server: Server;

  private constructor(script: readonly Reply[]) {
    this.#script = [...script];
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts a server on a free port; it answers in the order of the script, and with 500 when that has ended. */
  static async start(...script: readonly Reply[]): Promise<WireServer> {
    const server = new WireServer(script);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The bodies of all requests, parsed. */
  get bodies(): unknown[] {
    return this.requests.map(({ body }) => JSON.parse(body) as unknown);
  }

  /** Adds answers to the script. */
  queue(...script: readonly Reply[]): void {
    this.#script.push(...script);
  }

  /** Removes the answers that are left. */
  clear(): void {
    this.#script = [];
  }

  /** Refuses tunnels, as a proxy does, and passes on the requests for them. */
  onConnect(hear: (request: IncomingMessage) => void, refusal = "403 Forbidden"): void {
    this.#server.on("connect", (request: IncomingMessage, socket: Duplex) => {
      hear(request);
      socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
    });
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = "", url: path = "", headers } = request;
    this.requests.push({ method, path, headers, body: Buffer.concat(chunks).toString("utf8") });
    const reply = this.#script.shift() ?? text(500, "the script has ended");
    reply(response, request);
  }
}

/** Any text. */
export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** A message of the API; a string is sent as it is. */
export function message(body: object | string, headers: Readonly<Record<string, string>> = {}): Reply {
  const json = typeof body === "string" ? body : JSON.stringify(body);
  return text(200, json, { "content-type": "application/json", ...headers });
}

/** A proxy's page. */
export function page(status: number, title = "Some gateway"): Reply {
  return text(status, `<!DOCTYPE html><html><head><title>${title}</title></head><body>…</body></html>`, {
    "content-type": "text/html",
  });
}

export function redirect(status: number, location: string): Reply {
  return text(status, "moved", { location });
}

/** No answer, and the connection reset. */
export const reset: Reply = (_response, request) => request.socket.resetAndDestroy();

/** No answer at all. */
export const silence: Reply = () => undefined;

/** A body without an end, and the megabytes of it that were sent. */
export function endlessBody(status: number) {
  const sent = { megabytes: 0 };
  const reply: Reply = (response) => {
    response.writeHead(status);
    const megabyte = Buffer.alloc(1024 * 1024, " ");
    const sendMore = () => {
      if (response.destroyed) return;
      sent.megabytes++;
      response.write(megabyte, sendMore);
    };
    response.on("error", () => undefined);
    sendMore();
  };
  return { reply, sent };
}

/** An answer that breaks off. */
export const brokenOff: Reply = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"warmPool":', () => response.socket?.destroy());
};
