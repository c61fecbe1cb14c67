import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstalledShim } from "../../src/testing/engine/index.js";
import { startSimulator } from "../../src/testing/simulator/index.js";
import { writeProgram } from "../support/consumer.js";
import { installShim } from "../support/installed-shim.js";
import { consumer } from "../support/warm-pools.js";
import { probeFolder, type ProbeFolder } from "../testing/engine/probe-folder.js";

jest.setTimeout(120_000);

let shim: InstalledShim;
let folder: ProbeFolder;
let home: string;

beforeAll(() => {
  shim = installShim();
  folder = probeFolder();
  home = mkdtempSync(join(tmpdir(), "shim-home-"));
});

afterAll(() => {
  shim.remove();
  folder.remove();
  rmSync(home, { recursive: true, force: true });
});

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...shim.env,
  PULUMI_BACKEND_URL: `file://${home}`,
  PULUMI_CONFIG_PASSPHRASE: "correct horse",
});

/** Runs a shell script in the project's folder, like a CI step. */
function sh(script: string, program: readonly unknown[] = []): Promise<{ code: number; out: string; err: string }> {
  return run(script, folder.workDir, { PROBE_LIVE: folder.liveFile, PROBE_PROGRAM: JSON.stringify(program) });
}

function run(
  script: string,
  cwd: string,
  added: NodeJS.ProcessEnv,
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-ec", script], { cwd, env: { ...environment(), ...added } }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

const one = { name: "one", args: { size: 1, key: "k1" } };

test("imports a resource of a plugin by type, name, and id", async () => {
  const native = probeFolder("native");
  const { workDir, liveFile } = native;
  writeFileSync(liveFile, JSON.stringify({ "id-k7": { size: 4, key: "k7" } }));
  const two = { name: "two", args: { size: 4, key: "k7" }, opts: { protect: true } };
  const environment = { PROBE_LIVE: liveFile, PROBE_PROGRAM: JSON.stringify([two]) };
  const script =
    "pulumi stack init imports && pulumi import probe:index:Thing two id-k7 --yes && pulumi preview --expect-no-changes";
  expect(await run(script, workDir, environment)).toMatchObject({ code: 0 });
  expect(await run("pulumi import probe:index:Thing", workDir, environment)).toMatchObject({
    code: 255,
    err: expect.stringContaining("pass type, name, and id, or --file") as string,
  });
  native.remove();
});

test("runs a script from stack init to stack rm", async () => {
  const up = await sh("pulumi stack init dev && pulumi config set probe:region eu && pulumi up --yes --skip-preview", [
    one,
  ]);
  expect(up).toMatchObject({ code: 0 });
  expect(up.err.split("\n")[0]).toContain("test engine of pulumi-ona");
  expect(up.out).toContain("+ 2 created");

  const drift = await sh("pulumi preview --refresh --expect-no-changes --diff --non-interactive", [one]);
  expect(drift.code).toBe(0);
  const changed = await sh("pulumi preview --expect-no-changes", [{ ...one, args: { size: 2, key: "k1" } }]);
  expect(changed.code).toBe(7);
  expect(changed.out).toContain("~ size: 1 => 2");

  const value = await sh("pulumi config get probe:region; pulumi stack output one");
  expect(value.out).toBe("eu\nREADY\n");

  const exported = await sh("pulumi stack export --file state.json && pulumi stack export", [one]);
  expect(JSON.parse(exported.out)).toEqual(JSON.parse(readFileSync(join(folder.workDir, "state.json"), "utf8")));
  expect((await sh("pulumi stack import --file state.json", [one])).code).toBe(0);

  const gone = await sh("pulumi destroy -y && pulumi stack rm -y", [one]);
  expect(gone).toMatchObject({ code: 0 });
  expect(gone.out).toContain("- 2 deleted");
});

test("refuses an update without confirmation, and a command without a stack", async () => {
  expect((await sh("pulumi stack init other && pulumi up", [one])).err).toContain(
    "--yes or --skip-preview must be passed",
  );
  expect((await sh("pulumi stack rm -y other; pulumi preview", [one])).err).toContain("no stack selected");
});

test("sets a part of an object, which then replaces the project's object", async () => {
  const values = await sh(`
    pulumi stack init paths
    pulumi config set --path 'probe:places["eu.1"].url' https://eu.example
    echo s3cret | pulumi config set --secret --path 'probe:places["eu.1"].key'
    pulumi config get probe:places`);
  expect(values.out.split("\n")).toContain('{"eu.1":{"url":"https://eu.example","key":"s3cret"}}');
  const settings = readFileSync(join(folder.workDir, "Pulumi.paths.yaml"), "utf8");
  expect(settings).toContain("https://eu.example");
  expect(settings).not.toContain("s3cret");
});

test("exports secrets with their plaintext for --show-secrets only", async () => {
  const program = [{ ...one, secret: "s3cr3t" }];
  await sh("pulumi stack init shown && pulumi up --yes --skip-preview", program);
  expect((await sh("pulumi stack export")).out).not.toContain("plaintext");
  const shown = await sh("pulumi stack export --show-secrets");
  expect(shown.out).toContain('"plaintext": "\\"s3cr3t\\""');
  expect(shown.out).not.toContain("ciphertext");
});

test("encrypts a secret config value in the settings file and decrypts it for config get", async () => {
  await sh("pulumi stack init secrets && pulumi config set --secret ona:apiKey s3cr3t");
  expect(readFileSync(join(folder.workDir, "Pulumi.secrets.yaml"), "utf8")).not.toContain("s3cr3t");
  expect((await sh("pulumi config get ona:apiKey")).out).toBe("s3cr3t\n");
});

const runtime = "runtime: { name: nodejs, options: { typescript: false } }";

test("waits for a pool in the simulator of a test without waiting in real time", async () => {
  await using simulator = await startSimulator();
  const [project] = simulator.projects;
  const args = { projectId: project?.id, environmentClassId: project?.environmentClassIds[0] };
  const workDir = writeProgram(consumer(), {
    "Pulumi.yaml": `name: waiting\n${runtime}\n`,
    "index.js": `const { WarmPool } = require("pulumi-ona");
      exports.phase = new WarmPool("web", ${JSON.stringify(args)}).phase;`,
  });
  const script = "pulumi stack init dev && pulumi up --yes --skip-preview && pulumi stack output phase";
  const { code, out } = await run(script, workDir, simulator.env);
  expect([code, out.trim().split("\n").at(-1)]).toEqual([0, "READY"]);
});
