/** The archives of the native plugin in a release, of a package with a small plugin. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = mkdtempSync(join(tmpdir(), "pulumi-ona-archives-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a release has an archive for each system, with the starter for Windows only, and its checksum", () => {
  mkdirSync(join(root, "dist/plugin"), { recursive: true });
  const files = {
    "package.json": '{ "version": "1.2.3" }',
    LICENSE: "Apache",
    "dist/plugin/pulumi-resource-ona": "#!/usr/bin/env node\n".repeat(100),
    "dist/plugin/pulumi-resource-ona.cmd": "@node",
    "dist/plugin/schema.json": "{}",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const script = pathToFileURL(join(__dirname, "../../scripts/plugin-archives.mjs")).href;
  const write = `
    import { createReleaseFolder, writeChecksums, writePluginArchives } from "${script}";
    const [root] = process.argv.slice(1);
    const folder = createReleaseFolder(root);
    writePluginArchives(root, folder);
    process.stdout.write(writeChecksums(folder));`;
  const pack = () => execFileSync(process.execPath, ["--input-type=module", "-e", write, root], { encoding: "utf8" });
  const sums = pack();
  expect(pack()).toBe(sums);

  const release = join(root, "release");
  expect(readFileSync(join(release, "SHA256SUMS"), "utf8")).toBe(sums);
  const archives = readdirSync(release).filter((name) => name !== "SHA256SUMS");
  expect(sums.trim().split("\n")).toEqual(
    archives.map((name) => expect.stringMatching(`^[0-9a-f]{64}  ${name}$`) as string),
  );
  const systems = ["darwin", "linux", "windows"].flatMap((system) => [`${system}-amd64`, `${system}-arm64`]);
  expect(archives).toEqual(systems.map((system) => `pulumi-resource-ona-v1.2.3-${system}.tar.gz`));

  const plugin = ["LICENSE", "pulumi-resource-ona", "schema.json"];
  for (const name of archives) {
    // In the folder, because tar takes the colon of a Windows drive for a host.
    const tar = (...args: string[]) => execFileSync("tar", [...args, name], { cwd: release, encoding: "utf8" });
    const starter = name.includes("windows") ? ["pulumi-resource-ona.cmd"] : [];
    expect(tar("-tzf").trim().split(/\r?\n/).sort()).toEqual([...plugin, ...starter].sort());
    expect(tar("-tvzf")).toMatch(/^-rwxr-xr-x .* pulumi-resource-ona\r?$/m);
    expect(tar("-xzOf")).toContain(files["dist/plugin/pulumi-resource-ona"]);
  }
});
