/** Whether the `pulumi` command finds the virtual clock behind an API address. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { findVirtualClock } from "../../../../src/testing/engine/shim/simulator-clock.js";
import { startSimulator } from "../../../../src/testing/simulator/index.js";

/** Serves a handler while a function runs with its address. */
async function serving<T>(handle: RequestListener, use: (address: string) => Promise<T>): Promise<T> {
  const server = createServer(handle);
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("finds the clock of a simulator whose time stands still", async () => {
  await using simulator = await startSimulator();
  expect(await findVirtualClock(simulator.url)).toEqual({ url: simulator.clock.url });
});

test("leaves a simulator alone whose time runs by itself", async () => {
  await using simulator = await startSimulator({ clock: "real" });
  expect(await findVirtualClock(simulator.url)).toBeUndefined();
});

test("asks no server on another machine", async () => {
  const fetch = jest.spyOn(globalThis, "fetch");
  for (const address of [undefined, "", "nonsense", "https://app.gitpod.io/api", "http://example.com/api"])
    expect(await findVirtualClock(address)).toBeUndefined();
  expect(fetch).not.toHaveBeenCalled();
  fetch.mockRestore();
});

test("leaves other servers on this machine to the provider", async () => {
  const address = await serving(
    (_, response) => void response.writeHead(404).end("<h1>Not found</h1>"),
    async (running) => {
      expect(await findVirtualClock(running)).toBeUndefined();
      return running;
    },
  );
  expect(await findVirtualClock(address)).toBeUndefined();
});

test("says how to start the command if its caller blocks the simulator", async () => {
  const timeout = new AbortController();
  await serving(
    () => timeout.abort(),
    (address) => expect(findVirtualClock(address, timeout.signal)).rejects.toThrow(/does not answer.*`execFile`/),
  );
});
