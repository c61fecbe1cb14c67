/** Tests the lifecycle of a pool with the real CLI and with the test engine: the results and output must match. */
import { cliTest, startCli } from "../support/pulumi-cli.js";
import { startBench, token } from "../support/warm-pools.js";

cliTest("the lifecycle of a pool has the same results as with the test engine and leaks no token", async () => {
  await using bench = await startBench({
    simulator: { clock: "real", timings: { poolReady: 500, poolDrain: 500 } },
    virtualTime: false,
  });
  using pulumi = await startCli(bench);
  const web = (sizes: object) => ({
    name: "web",
    args: { projectId: bench.project, environmentClassId: bench.regular, ...sizes },
  });

  bench.declare(web({ minSize: 1, maxSize: 4 }));
  expect(await pulumi.expectStatus(0, "preview", "--diff")).toContain("maxSize           : 4");
  await pulumi.up();
  const id = bench.sim.pools[0]?.id ?? "";
  await pulumi.expectNoChanges();

  bench.declare(web({ minSize: 1, maxSize: 6 }));
  await pulumi.up();
  expect(bench.sim.pool(id).maxSize).toBe(6);
  await pulumi.expectNoChanges();

  bench.sim.resize(id, { maxSize: 2 });
  expect(await pulumi.expectStatus(7, "refresh", "--preview-only", "--expect-no-changes", "--diff")).toContain(
    "maxSize: 6 => 2",
  );
  await pulumi.up("--refresh");
  expect(bench.sim.pool(id).maxSize).toBe(6);
  await pulumi.expectNoChanges();

  bench.sim.remove(id);
  await pulumi.expectStatus(7, "refresh", "--preview-only", "--expect-no-changes");
  await pulumi.up("--refresh");
  await pulumi.expectNoChanges();

  // The test engine loads the state that the CLI stored, and also plans no changes.
  await bench.stack.importDeployment(await pulumi.exportStack());
  expect(await bench.stack.preview({ expectNoChanges: true, refresh: true })).toMatchObject({ exitCode: 0 });

  await pulumi.expectStatus(0, "destroy", "--yes", "--skip-preview");
  expect(bench.sim.pools.filter(({ phase }) => phase !== "DELETED")).toEqual([]);
  for (const text of pulumi.texts) expect(text).not.toContain(token);
});

cliTest("a preview reports a bad input by property, and a conflict names the pool and the options", async () => {
  await using bench = await startBench({
    simulator: { clock: "real", timings: { poolReady: 500 } },
    virtualTime: false,
  });
  using pulumi = await startCli(bench);
  bench.declare({ name: "web", args: { projectId: "storefront", environmentClassId: bench.regular, minsize: 1 } });
  const preview = await pulumi.run(["preview"]);
  expect(preview.status).not.toBe(0);
  for (const said of ["projectId must be a UUID", "Did you mean minSize?"]) expect(preview.text).toContain(said);

  const { id } = bench.sim.createPool({ projectId: bench.project, environmentClassId: bench.regular });
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  const up = await pulumi.run(["up", "--yes", "--skip-preview"]);
  expect(up.status).not.toBe(0);
  for (const said of [id, "adoptExisting", "alias"]) expect(up.text).toContain(said);
});
