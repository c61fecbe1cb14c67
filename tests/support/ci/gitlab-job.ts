/** Runs GitLab jobs in a test: gitlab-ci-local checks and expands the pipeline, and bash runs the commands. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { z } from "zod";

const tool = join(__dirname, "../../../node_modules/gitlab-ci-local/dist/index.js");

const jobFile = z.object({
  before_script: z.array(z.string()).default([]),
  script: z.array(z.string()),
  allow_failure: z.object({ exit_codes: z.number() }).optional(),
  resource_group: z.string().optional(),
});
const pipelineFile = z.object({ variables: z.record(z.string(), z.string()) }).loose();

/** Makes the folder a Git repository with the default branch main, which gitlab-ci-local requires. */
export async function makeRepository(cwd: string): Promise<void> {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  const git = (...args: string[]) => promisify(execFile)("git", [...identity, ...args], { cwd });
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=first");
  await git("remote", "add", "origin", "git@gitlab.com:acme/pools.git");
}

/** Returns the names of the jobs in a pipeline on the default branch, or of a merge request to project 12, for an event. */
export async function jobsOf(cwd: string, source: string, sourceProject = ""): Promise<string[]> {
  const mergeRequest = {
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: sourceProject,
    CI_MERGE_REQUEST_PROJECT_ID: "12",
  };
  const branch = { CI_PIPELINE_SOURCE: source, CI_COMMIT_BRANCH: "main" };
  const variables = sourceProject === "" ? branch : { ...branch, ...mergeRequest };
  const given = Object.entries(variables).flatMap(([name, value]) => ["--variable", `${name}=${value}`]);
  const overridden = ["--ignore-predefined-vars", Object.keys(variables).join(",")];
  const listed = JSON.parse(await local(cwd, "--list-json", ...overridden, ...given)) as {
    name: string;
    when: string;
  }[];
  return listed.filter(({ when }) => when !== "never").map(({ name }) => name);
}

/** The expanded pipelines by the text of their file: it takes a second to expand one. */
const expanded = new Map<string, Promise<string>>();

/** Returns a job with defaults filled in. Throws if the file is invalid. */
export async function expandedJob(cwd: string, name: string) {
  const file = readFileSync(join(cwd, ".gitlab-ci.yml"), "utf8");
  const text = expanded.get(file) ?? local(cwd, "--preview");
  expanded.set(file, text);
  const pipeline = pipelineFile.parse(parse(await text));
  return { ...jobFile.parse(pipeline[name]), variables: pipeline.variables };
}

export interface JobResult {
  readonly status: "success" | "warning" | "failed";
  readonly log: string;
}

/** Runs a job's commands in one bash, like GitLab's runner. */
export async function runJob(cwd: string, name: string, env: Readonly<Record<string, string>>): Promise<JobResult> {
  const { before_script: before, script, allow_failure: allowed, variables } = await expandedJob(cwd, name);
  const commands = ["set -eo pipefail", ...before, ...script].join("\n");
  return promisify(execFile)("bash", ["-c", commands], { cwd, env: { ...variables, ...env } }).then(
    ({ stdout, stderr }) => ({ status: "success", log: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      status: code === allowed?.exit_codes ? "warning" : "failed",
      log: stdout + stderr,
    }),
  );
}

async function local(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [tool, ...args], { cwd });
  return stdout;
}
