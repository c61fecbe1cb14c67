/** The life of a pool with the real CLI, and the same with the test engine: they must do and say the same. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, startBench, token } from "../support/warm-pools";

/** Runs the CLI on the bench's program, with a local backend in a folder of its own. */
function cli(bench: Bench, home: string) {
  const env = {
    ...process.env,
    ...bench.sim.env,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  const all = (args: readonly string[]) => [...args, "--non-interactive", "--stack", "dev"];
  execFileSync("pulumi", ["stack", "init", "dev", "--non-interactive"], { cwd: bench.folder, env, stdio: "pipe" });
  return (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("pulumi", all(args), { cwd: bench.folder, env, encoding: "utf8" });
    return { status, text: stdout + stderr };
  };
}

test("the seven steps end as with the test engine, and the token is nowhere", async () => {
  await using bench = await startBench({
    simulator: { clock: "real", timings: { poolReady: 500, poolDrain: 500 } },
    virtualTime: false,
  });
  const home = mkdtempSync(join(tmpdir(), "pulumi-ona-cli-"));
  try {
    const pulumi = cli(bench, home);
    const texts: string[] = [];
    const expectStatus = (status: number, ...args: string[]) => {
      const run = pulumi(...args);
      texts.push(run.text);
      if (run.status !== status) throw new Error(`pulumi ${args.join(" ")}: exit status ${run.status}\n${run.text}`);
      return run.text;
    };
    const web = (sizes: object) => ({
      name: "web",
      args: { projectId: bench.project, environmentClassId: bench.regular, ...sizes },
    });
    const settled = () => {
      bench.calls();
      expectStatus(0, "preview", "--expect-no-changes");
      expect(bench.calls()).toEqual([]);
      expectStatus(0, "preview", "--refresh", "--expect-no-changes");
    };

    bench.declare(web({ minSize: 1, maxSize: 4 }));
    expect(expectStatus(0, "preview", "--diff")).toContain("maxSize           : 4");
    expectStatus(0, "up", "--yes", "--skip-preview");
    const id = bench.sim.pools[0]?.id ?? "";
    settled();

    bench.declare(web({ minSize: 1, maxSize: 6 }));
    expectStatus(0, "up", "--yes", "--skip-preview");
    expect(bench.sim.pool(id).maxSize).toBe(6);
    settled();

    bench.sim.resize(id, { maxSize: 2 });
    expect(expectStatus(7, "refresh", "--preview-only", "--expect-no-changes", "--diff")).toContain("maxSize: 6 => 2");
    expectStatus(0, "up", "--yes", "--skip-preview", "--refresh");
    expect(bench.sim.pool(id).maxSize).toBe(6);
    settled();

    bench.sim.remove(id);
    expectStatus(7, "refresh", "--preview-only", "--expect-no-changes");
    expectStatus(0, "up", "--yes", "--skip-preview", "--refresh");
    settled();

    // What the CLI has stored, the test engine takes over, and it has nothing to do either.
    const exported = JSON.parse(expectStatus(0, "stack", "export")) as Parameters<
      typeof bench.stack.importDeployment
    >[0];
    await bench.stack.importDeployment(exported);
    expect(await bench.stack.preview({ expectNoChanges: true, refresh: true })).toMatchObject({ exitCode: 0 });

    expectStatus(0, "destroy", "--yes", "--skip-preview");
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
    const pulumi = cli(bench, home);
    bench.declare({ name: "web", args: { projectId: "storefront", environmentClassId: bench.regular, minsize: 1 } });
    const preview = pulumi("preview");
    expect(preview.status).not.toBe(0);
    for (const said of ["projectId must be a UUID", "did you mean minSize?"]) expect(preview.text).toContain(said);

    const { id } = bench.sim.createPool({ projectId: bench.project, environmentClassId: bench.regular });
    bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
    const up = pulumi("up", "--yes", "--skip-preview");
    expect(up.status).not.toBe(0);
    for (const said of [id, "adoptExisting", "alias"]) expect(up.text).toContain(said);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
