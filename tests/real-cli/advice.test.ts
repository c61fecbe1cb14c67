/** Follows the advice about tokens and addresses with the real CLI. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliTest, startCli } from "../support/pulumi-cli.js";
import { startBench, token } from "../support/warm-pools.js";

const options = {
  simulator: { clock: "real", timings: { poolReady: 500, poolDrain: 500 } },
  virtualTime: false,
} as const;

cliTest("refresh and destroy use a new token in config with --run-program, as the error says", async () => {
  await using bench = await startBench(options);
  using pulumi = await startCli(bench);
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  await pulumi.expectStatus(0, "config", "set", "--secret", "ona:apiKey", token);
  await pulumi.up();
  const newToken = bench.sim.issueToken("full");
  bench.sim.revokeToken(token);
  const refused = await pulumi.run(["refresh", "--yes", "--skip-preview"]);
  expect(refused.text).toMatch(/Replace the token in ona:apiKey: .* unless you add --run-program/);
  await pulumi.expectStatus(0, "config", "set", "--secret", "ona:apiKey", newToken);
  for (const command of ["refresh", "destroy"])
    expect((await pulumi.run([command, "--yes", "--skip-preview"])).text).toContain("unless you add --run-program");
  await pulumi.expectStatus(0, "destroy", "--yes", "--skip-preview", "--run-program");
  expect(bench.sim.pools).toMatchObject([{ phase: "DELETED" }]);
});

cliTest("a token in the stack drops the project's address, and the commands in the error set both", async () => {
  await using bench = await startBench(options);
  using pulumi = await startCli(bench);
  writeFileSync(
    join(bench.folder, "Pulumi.yaml"),
    "name: pools\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\n" +
      `config: { ona:connections: { value: { eu: { baseUrl: "${bench.sim.url}" } } } }\n`,
  );
  bench.declare({
    name: "web",
    args: { projectId: bench.project, environmentClassId: bench.regular, connection: "eu", waitForReady: false },
  });
  await pulumi.expectStatus(0, "config", "set", "--secret", "--path", "ona:connections.eu.apiKey", token);
  const preview = await pulumi.run(["preview"]);
  expect(preview.status).not.toBe(0);
  expect(preview.text).toContain("but no address, so the token is not sent");
  expect(bench.calls()).toEqual([]);
  const commands = [
    ...new Set([...preview.text.matchAll(/`pulumi (config set [^`]+)`/g)].map(([, line = ""]) => line)),
  ];
  expect(commands).toHaveLength(2);
  for (const command of commands) {
    const value = command.includes("--secret") ? [token] : [];
    await pulumi.expectStatus(0, ...command.replace("ADDRESS", bench.sim.url).split(" "), ...value);
  }
  await pulumi.up();
  expect(bench.sim.pools).toHaveLength(1);
});
