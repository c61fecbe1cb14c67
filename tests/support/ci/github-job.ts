/** Runs a job of a GitHub workflow in a test. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** The inputs of a job. */
export interface JobRequest {
  readonly file: string;
  readonly job: string;
  /** The `github` context: repository, event, ref, … */
  readonly github: Readonly<Record<string, unknown>>;
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** The results and outputs of earlier jobs by name. */
  readonly needs?: Readonly<Record<string, { result: string; outputs: Readonly<Record<string, string>> }>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The runner's environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder of the checkout. */
  readonly cwd: string;
}

export interface StepResult {
  readonly name: string;
  readonly outcome: "success" | "failure" | "skipped";
  readonly log: string;
}

export interface JobResult {
  readonly conclusion: "success" | "failure" | "skipped";
  readonly steps: readonly StepResult[];
  /** The job summary. */
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Runs a job like a GitHub runner. Skips actions (`uses`) and treats them as successful. */
export async function runJob(request: JobRequest): Promise<JobResult> {
  return JSON.parse(await github([], "run", JSON.stringify(request))) as JobResult;
}

/** Returns the problems that GitHub's language service finds in workflows. */
export async function lintWorkflows(files: readonly string[]): Promise<string[]> {
  return JSON.parse(await github(["--import", "tsx"], "lint", ...files)) as string[];
}

async function github(nodeArgs: readonly string[], ...args: readonly string[]): Promise<string> {
  const program = [...nodeArgs, join(__dirname, "github-runner.mts"), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: join(__dirname, "../../..") });
  return stdout;
}
