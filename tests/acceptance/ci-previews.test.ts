/** Runs the commands of docs/ci.md that give a preview a copy of the state instead of secrets. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startWorkspace } from "../support/ci/workspace.js";

const docs = readFileSync(join(__dirname, "../../docs/ci.md"), "utf8");

/** The commands that follow a mark in docs/ci.md. */
function commandsAfter(mark: string): string {
  const [, commands] = new RegExp(`<!-- ${mark} -->\\s+\`\`\`sh\\n([^]*?)\`\`\``).exec(docs) ?? [];
  if (commands === undefined) throw new Error(`docs/ci.md has no commands after "${mark}"`);
  return commands;
}

test("a preview with a copy of the state shows the same changes without any token and cannot change the stack", async () => {
  await using workspace = await startWorkspace("github-actions");
  const { cwd, env, sim } = workspace;
  const index = join(cwd, "index.ts");
  const [project] = sim.projects;
  const [regular, large] = project?.environmentClassIds ?? [];
  const ids = readFileSync(index, "utf8")
    .replace(/getProjectOutput\(.*\)\.id/, `"${project?.id}"`)
    .replace(/getEnvironmentClassOutput\(.*regular.*\)\.id/, `"${regular}"`)
    .replace(/getEnvironmentClassOutput\(.*large.*\)\.id/, `"${large}"`);
  writeFileSync(index, ids);
  const bash = async (commands: string, more: Record<string, string> = {}) =>
    (await promisify(execFile)("bash", ["-eo", "pipefail", "-c", commands], { cwd, env: { ...env, ...more } })).stdout;
  await bash("pulumi up --stack production --yes", { ONA_API_KEY: sim.token });
  await bash(commandsAfter("publish the state"));
  const before = await bash("pulumi stack export --stack production");
  sim.clearRequests();

  const isolated = { PULUMI_BACKEND_URL: "", ONA_BASE_URL: "" };
  expect(await bash(commandsAfter("preview the state"), isolated)).toMatch(/3 unchanged/);
  writeFileSync(index, ids.replace("maxSize: 4", "maxSize: 6"));
  const attack = `${commandsAfter("preview the state")}\npulumi stack rm --yes --force production`;
  expect(await bash(attack, isolated)).toMatch(/maxSize: 4 => 6[^]*1 to update/);
  expect(sim.requests).toEqual([]);
  expect(await bash("pulumi stack export --stack production")).toBe(before);
}, 300_000);
