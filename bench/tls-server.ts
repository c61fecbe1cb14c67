/** A server for HTTP/1.1 and HTTP/2 that returns a pool from every call. It has its own process, so its CPU time doesn't count. */
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { wirePool } from "../tests/support/messages.js";

async function main(): Promise<void> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }]);
  const body = JSON.stringify({ warmPool: wirePool });
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    request.resume().on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(body);
    });
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

void main();
