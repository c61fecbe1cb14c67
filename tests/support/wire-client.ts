/** An API client and its scripted server. */
import { OnaClient, OnaError, type OnaClientOptions } from "../../src/client/index.js";
import { FakeClock } from "./fake-clock.js";
import { type Reply, WireServer } from "./wire-server.js";

/** The token in all tests. No error may contain it. */
export const token = "ona_pat_c2VjcmV0LXRva2VuLW9mLXRoZS10ZXN0cw";

export interface Wire {
  readonly client: OnaClient;
  readonly server: WireServer;
  readonly clock: FakeClock;
}

const open: Wire[] = [];

/** Starts both. Retry delays end at once; timeouts fire when the test advances the clock. */
export async function wire(script: readonly Reply[], options: Partial<OnaClientOptions> = {}): Promise<Wire> {
  const server = await WireServer.start(...script);
  const clock = new FakeClock({ passing: 30_000 });
  const client = new OnaClient({
    baseUrl: `${server.origin}/api`,
    token: () => token,
    clock,
    random: () => 0.5,
    ...options,
  });
  const made = { client, server, clock };
  open.push(made);
  return made;
}

/** Closes everything that the tests of a file started. */
export async function closeWires(): Promise<void> {
  for (const { client, server } of open.splice(0)) {
    await server.close();
    await client.close();
  }
}

/** The OnaError that a call fails with. Fails itself when the token shows anywhere in it. */
export async function failureOf(call: Promise<unknown>): Promise<OnaError> {
  const error = await call.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof OnaError)) throw error;
  const shown = [error.message, error.stack, error.detail, error.userMessage, JSON.stringify(error)].join("\n");
  expect(shown).not.toContain(token);
  return error;
}

/** All that a list gives. */
export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
