/** The CI workflow of this repository. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { lintWorkflows } from "../support/ci/github-job.js";

const root = join(__dirname, "../..");
const file = join(root, ".github/workflows/ci.yml");

interface Workflow {
  readonly jobs: Record<string, { "timeout-minutes"?: number; steps: readonly { uses?: string; run?: string }[] }>;
}

test("GitHub's language service accepts the CI workflow", async () => {
  expect(await lintWorkflows([file])).toEqual([]);
});

test("each job of the CI workflow runs .ci/run with a script that exists, pins its actions, and has a timeout", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const { jobs } = parse(readFileSync(file, "utf8")) as Workflow;
  for (const { steps, "timeout-minutes": timeout } of Object.values(jobs)) {
    expect(timeout).toEqual(expect.any(Number));
    const [, tests = "test:all"] = /^\.ci\/run(?: (\S+))?$/.exec(steps.find(({ run }) => run)?.run ?? "none") ?? [, ""];
    expect(scripts).toHaveProperty([tests]);
    for (const { uses } of steps)
      expect(uses ?? "a@0123456789abcdef0123456789abcdef01234567").toMatch(/@[0-9a-f]{40}$/);
  }
});
