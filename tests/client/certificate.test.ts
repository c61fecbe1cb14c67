/** A certificate that Node does not trust: the request never leaves, and nothing is retried. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { isOutcomeUnknown, OnaClient, OnaError } from "../../src/client/index.js";
import { FakeClock } from "../support/fake-clock.js";

test("fails at once on the certificate of an unknown authority", async () => {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }]);
  let requests = 0;
  const server = createServer({ key, cert }, (_, response) => {
    requests++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clock = new FakeClock();
  const client = new OnaClient({ baseUrl: `https://localhost:${port}/api`, token: () => "a-token", clock });
  try {
    const failure: unknown = await client.createWarmPool({ projectId: "p", environmentClassId: "e" }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(OnaError);
    expect(failure).toMatchObject({
      origin: "certificate",
      attempts: 1,
      message: expect.stringContaining("the certificate of the Ona API was rejected") as string,
    });
    expect(isOutcomeUnknown(failure)).toBe(false);
    expect(requests).toBe(0);
  } finally {
    await client.close();
    server.close();
    server.closeAllConnections();
  }
});
