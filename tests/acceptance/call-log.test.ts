/** ONA_LOG prints the API calls without their content. */
import { type Bench, startBench, succeed, token } from "../support/warm-pools";

const web = (bench: Bench) => ({
  name: "web",
  args: { projectId: bench.project, environmentClassId: bench.regular, waitForReady: true },
});
const debugLines = (text: string) => text.split("\n").filter((line) => line.startsWith("debug: "));

test("ONA_LOG=debug prints a line for each request with call, code, duration, and attempt, but no content", async () => {
  await using bench = await startBench({ stack: { env: { ONA_LOG: "debug" } } });
  bench.sim.fault({ rpc: "CreateWarmPool", error: { code: "resource_exhausted", retryInfoSeconds: 2 } });
  bench.sim.fault({ rpc: "GetWarmPool", html: { status: 502 } });
  bench.declare(web(bench));
  const { text } = await succeed(bench.stack.up());
  const lines = debugLines(text);
  expect(lines).toHaveLength(bench.calls().length);
  expect(lines.slice(0, 4)).toEqual([
    expect.stringMatching(/^debug: ona CreateWarmPool: resource_exhausted \(HTTP 429\) in \d+ ms \(attempt 1\)$/),
    expect.stringMatching(/^debug: ona CreateWarmPool: ok in \d+ ms \(attempt 2\)$/),
    expect.stringMatching(
      /^debug: ona GetWarmPool: unavailable \(not from the API, HTTP 502\) in \d+ ms \(attempt 1\)$/,
    ),
    expect.stringMatching(/^debug: ona GetWarmPool: ok in \d+ ms \(attempt 2\)$/),
  ]);
  for (const secret of [token, bench.project, bench.regular]) expect(lines.join("\n")).not.toContain(secret);
  expect(debugLines((await succeed(bench.stack.refresh())).text)).toEqual([
    expect.stringMatching(/^debug: ona GetWarmPool: ok in \d+ ms \(attempt 1\)$/),
  ]);
  expect(debugLines((await succeed(bench.stack.preview())).text)).toEqual([]);
});

test("ONA_LOG=debug prints the calls of a program's functions on standard error", async () => {
  await using bench = await startBench({
    stack: { env: { ONA_LOG: "debug" } },
    files: {
      "index.js": `module.exports = async () => ({ count: (await require("pulumi-ona").getWarmPools()).warmPools.length });`,
    },
  });
  const { diagnostics } = await succeed(bench.stack.preview());
  const said = diagnostics.filter(({ message }) => message.startsWith("debug: "));
  expect(said.map(({ severity }) => severity)).toEqual(["info#err"]);
  expect(said[0]?.message).toMatch(/^debug: ona ListWarmPools: ok in \d+ ms \(attempt 1\)$/);
});

test("an unknown ONA_LOG level is ignored with one warning", async () => {
  await using bench = await startBench({ stack: { env: { ONA_LOG: "trace" } } });
  bench.declare(web(bench));
  const { text } = await succeed(bench.stack.up());
  expect(text.match(/^warning: ONA_LOG is ignored.*$/gm)).toHaveLength(1);
  expect(debugLines(text)).toEqual([]);
});
