/** A SOCKS5 proxy, and a TLS server that it can lead to. */
import { once } from "node:events";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { generate } from "selfsigned";

/** Starts a TLS server whose certificate nobody trusts. */
export async function startTlsServer(): Promise<{ readonly port: number; close(): void }> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }]);
  const server = createHttpsServer({ key, cert });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Starts a SOCKS5 proxy (RFC 1928, 1929) that requires user and password, and records the targets. */
export async function startSocksProxy(user: string, password: string) {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const serve = async (socket: Socket) => {
    const next = async () => ((await once(socket, "data")) as [Buffer])[0];
    await next();
    socket.write(Buffer.from([5, 2]));
    const credentials = await next();
    const [, userLength = 0] = credentials;
    const given = [credentials.subarray(2, 2 + userLength), credentials.subarray(3 + userLength)].join(":");
    if (given !== `${user}:${password}`) return void socket.end(Buffer.from([1, 1]));
    socket.write(Buffer.from([1, 0]));
    const request = await next();
    const host = request.subarray(5, 5 + (request[4] ?? 0)).toString();
    const port = request.readUInt16BE(request.length - 2);
    targets.push(`${host}:${port}`);
    const target = connect(port, "127.0.0.1");
    sockets.add(target);
    await once(target, "connect");
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    target.pipe(socket).pipe(target);
    target.on("error", () => socket.destroy());
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket).catch(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
