/** A fake GitHub repository: its workflows use the simulator, and its `gh` stores everything in a file. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runJob, type JobResult } from "./github-job.js";
import { type Workspace, startWorkspace } from "./workspace.js";

/** The contents of the fake forge. */
export interface Forge {
  readonly labels: readonly string[];
  readonly issues: readonly {
    readonly number: number;
    readonly title: string;
    readonly state: "open" | "closed";
    readonly body: string;
    readonly comment?: string;
  }[];
  readonly comments: readonly { readonly user: { readonly login: string }; readonly body: string }[];
  /** The arguments of each `gh` call. */
  readonly calls: readonly (readonly string[])[];
}

export interface Repository extends Workspace {
  forge(): Forge;
  /** Changes the forge, as another user would. */
  change(change: Partial<Forge>): void;
  /** Runs the job of a workflow that has its name and, after a preview, the job that comments. */
  run(workflow: "preview" | "up" | "drift", options?: RunOptions): Promise<JobResult>;
}

export interface RunOptions {
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly github?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

export async function startRepository(): Promise<Repository> {
  const workspace = await startWorkspace("github-actions");
  const file = join(workspace.cwd, "forge.json");
  const forge = () => JSON.parse(readFileSync(file, "utf8")) as Forge;
  const change = (changed: Partial<Forge>) => {
    const empty: Forge = { labels: [], issues: [], comments: [], calls: [] };
    writeFileSync(file, JSON.stringify({ ...empty, ...changed }));
  };
  change({});
  workspace.command("gh", `"${join(__dirname, "fake-gh.mjs")}"`);
  return {
    ...workspace,
    forge,
    change: (changed) => change({ ...forge(), ...changed }),
    run: async (workflow, { inputs, github, secrets } = {}) => {
      const request = {
        file: join(workspace.cwd, `.github/workflows/${workflow}.yml`),
        github: {
          repository: "acme/pools",
          ref: "refs/heads/main",
          server_url: "https://github.com",
          run_id: "1",
          token: "ghs_fake",
          event: {
            pull_request: { number: 7, head: { sha: "0123abc", repo: { full_name: "acme/pools" } } },
          },
          ...github,
        },
        ...(inputs === undefined ? {} : { inputs }),
        secrets: {
          ONA_API_KEY: workspace.sim.token,
          ONA_READ_ONLY_API_KEY: workspace.sim.readOnlyToken,
          PULUMI_ACCESS_TOKEN: "pul-fake",
          PULUMI_READ_ONLY_ACCESS_TOKEN: "pul-fake-read-only",
          ...secrets,
        },
        env: { ...workspace.env, FAKE_FORGE: file },
        cwd: workspace.cwd,
      };
      const result = await runJob({ ...request, job: workflow });
      if (workflow !== "preview") return result;
      const needs = { preview: { result: result.conclusion, outputs: result.outputs } };
      const commented = await runJob({ ...request, job: "comment", needs, secrets: {} });
      return { ...result, steps: [...result.steps, ...commented.steps] };
    },
  };
}

/** Runs a job that must succeed. */
export async function succeed(repository: Repository, ...args: Parameters<Repository["run"]>) {
  const result = await repository.run(...args);
  if (result.conclusion !== "success") throw new Error(JSON.stringify(result, undefined, 2));
  return result;
}
