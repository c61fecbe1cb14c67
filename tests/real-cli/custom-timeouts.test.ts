/** `customTimeouts` from everywhere reach the provider with the real CLI as with the test engine. */
import { cliTest, startCli } from "../support/pulumi-cli.js";
import { declareTimeouts, expectedStored, storedTimeouts, timeoutsProgram } from "../support/timeouts-program.js";
import { startBench } from "../support/warm-pools.js";

cliTest("the provider gets the timeouts that the engine has, whoever sets them", async () => {
  await using bench = await startBench({
    simulator: { clock: "real", timings: { poolReady: 200 } },
    virtualTime: false,
    files: { "index.js": timeoutsProgram },
  });
  using pulumi = await startCli(bench);
  declareTimeouts(bench);
  await pulumi.up();
  const { deployment } = await pulumi.exportStack();
  expect(storedTimeouts((deployment as { resources: object[] }).resources)).toEqual(expectedStored);
  await pulumi.expectStatus(0, "preview", "--expect-no-changes");
});
