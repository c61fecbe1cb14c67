/** The workflows, forms, and metadata of this repository. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { lintWorkflows } from "../support/ci/github-job.js";

const root = join(__dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const files = readdirSync(join(root, ".github/workflows")).map((name) => join(root, ".github/workflows", name));
const manifest = JSON.parse(read("package.json")) as {
  scripts: object;
  repository: { url: string };
};

interface Workflow {
  readonly jobs: Record<string, { "timeout-minutes"?: number; steps: readonly { uses?: string; run?: string }[] }>;
}

test("GitHub's language service accepts the workflows", async () => {
  expect(await lintWorkflows(files)).toEqual([]);
});

test("each job of a workflow runs scripts that exist, pins its actions, keeps expressions out of commands, and has a timeout", () => {
  for (const { steps, "timeout-minutes": timeout } of files.flatMap((file) =>
    Object.values((parse(readFileSync(file, "utf8")) as Workflow).jobs),
  )) {
    expect(timeout).toEqual(expect.any(Number));
    const scripts = steps.flatMap(({ run = "" }) => [
      ...[...run.matchAll(/^\.ci\/run(?: (\S+))?$/gm)].map(([, script = "test:all"]) => script),
      ...[...run.matchAll(/npm run (\S+)/g)].map(([, script]) => script ?? ""),
    ]);
    expect(scripts).not.toEqual([]);
    for (const script of scripts) expect(manifest.scripts).toHaveProperty([script]);
    for (const { uses, run } of steps) {
      expect(uses ?? "a@0123456789abcdef0123456789abcdef01234567").toMatch(/@[0-9a-f]{40}$/);
      expect(run ?? "").not.toContain("${{");
    }
  }
});

test("every address of the repository is the one in package.json", () => {
  const { host, pathname } = new URL(manifest.repository.url.replace(/^git\+|\.git$/g, ""));
  const files = globSync(["package.json", "*.md", ".github/**/*.yml", "{docs,examples,scripts,src}/**/*"], {
    cwd: root,
  }).filter((path) => /\.(md|json|yml|ts|mjs|html)$/.test(path) && !path.includes("node_modules"));
  const addresses = files.flatMap((path) => read(path).match(/github\.com\/[\w-]+\/pulumi-ona\b/g) ?? []);
  expect(addresses.length).toBeGreaterThan(5);
  expect(new Set(addresses)).toEqual(new Set([`${host}${pathname}`]));
});
