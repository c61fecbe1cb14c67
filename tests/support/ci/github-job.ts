/** A job of a GitHub workflow in a test: what it gets, and what became of it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** What a job is run with. */
export interface JobRequest {
  readonly file: string;
  readonly job: string;
  /** The context `github`: repository, event, ref, … */
  readonly github: Readonly<Record<string, unknown>>;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The environment of the runner. */
  readonly env: Readonly<Record<string, string>>;
  /** The checkout. */
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
  /** What the job wrote into its summary. */
  readonly summary: string;
}

/** Runs a job as a runner of GitHub would; actions (`uses`) are taken as done. */
export async function runJob(request: JobRequest): Promise<JobResult> {
  return JSON.parse(await github("run", JSON.stringify(request))) as JobResult;
}

/** What GitHub's language service finds wrong with workflows. */
export async function lintWorkflows(files: readonly string[]): Promise<string[]> {
  return JSON.parse(await github("lint", ...files)) as string[];
}

async function github(...args: readonly string[]): Promise<string> {
  const program = ["--import", "tsx", join(__dirname, "github-runner.mts"), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: join(__dirname, "../../..") });
  return stdout;
}
