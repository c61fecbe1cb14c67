/** A repository on GitHub in a test: its workflows run on the simulator, its `gh` talks to a forge in a file. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runJob, type JobResult } from "./github-job";
import { type Ground, startGround } from "./workspace";

/** What is on the forge. */
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
  /** The arguments of each call of `gh`. */
  readonly calls: readonly (readonly string[])[];
}

export interface Repository extends Ground {
  forge(): Forge;
  /** What somebody else does on the forge. */
  change(change: Partial<Forge>): void;
  /** Runs the only job of a workflow. */
  run(workflow: "preview" | "up" | "drift", options?: RunOptions): Promise<JobResult>;
}

export interface RunOptions {
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly github?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
}

export async function startRepository(): Promise<Repository> {
  const ground = await startGround("github-actions");
  const file = join(ground.cwd, "forge.json");
  const forge = () => JSON.parse(readFileSync(file, "utf8")) as Forge;
  const change = (changed: Partial<Forge>) => {
    const empty: Forge = { labels: [], issues: [], comments: [], calls: [] };
    writeFileSync(file, JSON.stringify({ ...empty, ...changed }));
  };
  change({});
  ground.command("gh", `"${join(__dirname, "fake-gh.mjs")}"`);
  return {
    ...ground,
    forge,
    change: (changed) => change({ ...forge(), ...changed }),
    run: (workflow, { inputs, github, secrets } = {}) =>
      runJob({
        file: join(ground.cwd, `.github/workflows/${workflow}.yml`),
        job: workflow,
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
          ONA_API_KEY: ground.sim.token,
          ONA_READ_ONLY_API_KEY: ground.sim.readOnlyToken,
          PULUMI_ACCESS_TOKEN: "pul-fake",
          ...secrets,
        },
        env: { ...ground.env, FAKE_FORGE: file },
        cwd: ground.cwd,
      }),
  };
}
