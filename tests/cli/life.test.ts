/** The life of a pool with the real CLI, and the same with the test engine: they must do and say the same. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, startBench, token } from "../support/warm-pools";

/** Runs the CLI on the bench's program, with a local backend in a folder of its own. */
async function cli(bench: Bench, home: string) {
  const env = {
    ...process.env,
    ...bench.sim.env,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  // Not synchronously: the simulator lives in this process.
  const run = (...args: string[]) =>
    new Promise<{ status: number; stdout: string; text: string }>((resolve) => {
      const child = execFile(
        "pulumi",
        [...args, "--non-interactive"],
        { cwd: bench.folder, env },
        (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, text: stdout + stderr }),
      );
    });
  await run("stack", "init", "dev");
  return (...args: string[]) => run(...args, "--stack", "dev");
}

test("the seven steps end as with the test engine, and the token is nowhere", async () => {
  await using bench = await startBench({
    simulator: { clock: "real", timings: { poolReady: 500, poolDrain: 500 } },
    virtualTime: false,
  });
  const home = mkdtempSync(join(tmpdir(), "pulumi-ona-cli-"));
  try {
    const pulumi = await cli(bench, home);
    const texts: string[] = [];
    const expectStatus = async (status: number, ...args: string[]) => {
      const run = await pulumi(...args);
      texts.push(run.text);
      if (run.status !== status) throw new Error(`pulumi ${args.join(" ")}: exit status ${run.status}\n${run.text}`);
      return run.text;
    };
    const web = (sizes: object) => ({
      name: "web",
      args: { projectId: bench.project, environmentClassId: bench.regular, ...sizes },
    });
    const settled = async () => {
      bench.calls();
      await expectStatus(0, "preview", "--expect-no-changes");
      expect(bench.calls()).toEqual([]);
      await expectStatus(0, "preview", "--refresh", "--expect-no-changes");
    };

    bench.declare(web({ minSize: 1, maxSize: 4 }));
    expect(await expectStatus(0, "preview", "--diff")).toContain("maxSize           : 4");
    await expectStatus(0, "up", "--yes", "--skip-preview");
    const id = bench.sim.pools[0]?.id ?? "";
    await settled();

    bench.declare(web({ minSize: 1, maxSize: 6 }));
    await expectStatus(0, "up", "--yes", "--skip-preview");
    expect(bench.sim.pool(id).maxSize).toBe(6);
    await settled();

    bench.sim.resize(id, { maxSize: 2 });
    expect(await expectStatus(7, "refresh", "--preview-only", "--expect-no-changes", "--diff")).toContain(
      "maxSize: 6 => 2",
    );
    await expectStatus(0, "up", "--yes", "--skip-preview", "--refresh");
    expect(bench.sim.pool(id).maxSize).toBe(6);
    await settled();

    bench.sim.remove(id);
    await expectStatus(7, "refresh", "--preview-only", "--expect-no-changes");
    await expectStatus(0, "up", "--yes", "--skip-preview", "--refresh");
    await settled();

    // What the CLI has stored, the test engine takes over, and it has nothing to do either.
    const exported = JSON.parse((await pulumi("stack", "export")).stdout) as Parameters<
      typeof bench.stack.importDeployment
    >[0];
    await bench.stack.importDeployment(exported);
    expect(await bench.stack.preview({ expectNoChanges: true, refresh: true })).toMatchObject({ exitCode: 0 });

    await expectStatus(0, "destroy", "--yes", "--skip-preview");
    expect(bench.sim.pools.filter(({ phase }) => phase !== "DELETED")).toEqual([]);
    for (const text of texts) expect(text).not.toContain(token);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test("a bad input fails the preview by property, and a conflict names the pool and the ways out", async () => {
  await using bench = await startBench({
    simulator: { clock: "real", timings: { poolReady: 500 } },
    virtualTime: false,
  });
  const home = mkdtempSync(join(tmpdir(), "pulumi-ona-cli-"));
  try {
    const pulumi = await cli(bench, home);
    bench.declare({ name: "web", args: { projectId: "storefront", environmentClassId: bench.regular, minsize: 1 } });
    const preview = await pulumi("preview");
    expect(preview.status).not.toBe(0);
    for (const said of ["projectId must be a UUID", "did you mean minSize?"]) expect(preview.text).toContain(said);

    const { id } = bench.sim.createPool({ projectId: bench.project, environmentClassId: bench.regular });
    bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up.status).not.toBe(0);
    for (const said of [id, "adoptExisting", "alias"]) expect(up.text).toContain(said);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
