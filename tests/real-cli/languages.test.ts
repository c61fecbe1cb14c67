/** Runs the programs of docs/languages.md with the real CLI, where it has the host of their language. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { startSimulator } from "../../src/testing/index.js";
import { packageVersion } from "../../src/util/version.js";
import { runNpm, tarballOf, writeProgram } from "../support/consumer.js";
import { type Cli, cliTest, startCli } from "../support/pulumi-cli.js";
import { consumer } from "../support/warm-pools.js";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/languages.md"), "utf8");

const sections = [
  { title: "YAML", runtime: "yaml", host: "pulumi-language-yaml", tool: "node" },
  { title: "Python", runtime: "python", host: "pulumi-language-python", tool: "python3" },
  { title: "Go", runtime: "go", host: "pulumi-language-go", tool: "go" },
  { title: "TypeScript", runtime: "nodejs", host: "pulumi-language-nodejs", tool: "npm" },
  { title: "Java", runtime: "java", host: "pulumi-language-java", tool: "mvn" },
];
const isOnPath = (name: string) =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));

const sectionOf = (title: string) => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? "";

/** The Pulumi.yaml of the languages that show none of their own. */
const [, project = ""] = /```yaml\n([^]+?)^```/m.exec(sectionOf("Get the plugin")) ?? [];
const [, schema = ""] = /^pulumi package add (\S+schema\.json)/m.exec(sectionOf("Get the plugin")) ?? [];

/** The files of a section: blocks below a line with their name. That of YAML is introduced by a sentence. */
function filesOf(title: string, runtime: string): Record<string, string> {
  const blocks = sectionOf(title).matchAll(/^`([\w./]+)`.*:\n\n```\w+\n([^]+?)^```/gm);
  const files = Object.fromEntries([...blocks].map(([, name = "", text = ""]) => [name, text] as const));
  return { "Pulumi.yaml": project.replace(/^runtime: .*/m, `runtime: ${runtime}`), ...files };
}

/** A program in a folder of its own, a simulator, and the CLI. */
async function start(files: Record<string, string>) {
  const sim = await startSimulator({ clock: "real", timings: { poolReady: 200, poolDrain: 200 } });
  const folder = writeProgram(consumer(), files);
  const cli = await startCli({ sim, folder, calls: () => [] });
  return {
    sim,
    cli,
    folder,
    async [Symbol.asyncDispose]() {
      cli[Symbol.dispose]();
      await sim.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function expectLifecycle(cli: Cli): Promise<void> {
  expect(await cli.up()).toMatch(/phase: "READY"[^]*2 created/);
  await cli.expectStatus(0, "preview", "--expect-no-changes");
  await cli.expectStatus(0, "refresh", "--preview-only", "--expect-no-changes");
  expect(await cli.expectStatus(0, "destroy", "--yes", "--skip-preview")).toContain("2 deleted");
}

for (const { title, runtime, host, tool } of sections)
  (isOnPath(host) && isOnPath(tool) ? cliTest : test.skip)(
    `the ${title} program of docs/languages.md goes through its lifecycle`,
    async () => {
      const dependencies = { "pulumi-ona": `file:${tarballOf(consumer())}`, "@pulumi/pulumi": "^3" };
      const manifest = { "package.json": JSON.stringify({ private: true, dependencies }) };
      await using program = await start({ ...filesOf(title, runtime), ...(runtime === "nodejs" ? manifest : {}) });
      const { folder, cli, sim } = program;
      if (runtime === "nodejs") runNpm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent"], folder);
      else symlinkSync(join(consumer(), "node_modules"), join(folder, "node_modules"), "junction");
      if (runtime !== "yaml") {
        const { status, stdout, stderr } = spawnSync("pulumi", ["package", "add", schema, "--non-interactive"], {
          cwd: folder,
          encoding: "utf8",
        });
        expect(status === 0 ? "" : stdout + stderr).toBe("");
      }
      await expectLifecycle(cli);
      expect(sim.requests.filter(({ rpc }) => rpc === "CreateWarmPool")).toHaveLength(1);
    },
  );

(isOnPath("pulumi-language-yaml") && process.platform === "linux" ? cliTest : test.skip)(
  "a plugin that is installed from a file of the release serves a program that doesn't list it",
  async () => {
    const release = mkdtempSync(join(tmpdir(), "pulumi-ona-release-"));
    const script = pathToFileURL(join(root, "scripts/plugin-archives.mjs")).href;
    const write = `import { writePluginArchives } from "${script}"; writePluginArchives(...process.argv.slice(1));`;
    execFileSync(process.execPath, ["--input-type=module", "-e", write, root, release]);

    const { "Pulumi.yaml": text = "" } = filesOf("YAML", "yaml");
    const yaml = text.replace(/^plugins:\n(?: .*\n)+/m, `packages:\n  ona: ona@${packageVersion}\n`);
    expect(yaml).not.toBe(text);
    await using program = await start({ "Pulumi.yaml": yaml });
    const architecture = process.arch === "x64" ? "amd64" : process.arch;
    const file = join(release, `pulumi-resource-ona-v${packageVersion}-linux-${architecture}.tar.gz`);
    execFileSync("pulumi", ["plugin", "install", "resource", "ona", packageVersion, "--file", file], {
      env: { ...process.env, PULUMI_HOME: program.cli.home },
      stdio: "pipe",
    });
    rmSync(release, { recursive: true });
    await expectLifecycle(program.cli);
  },
);
