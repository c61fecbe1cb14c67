/** Lints the workflows of examples/github-actions and runs their commands on the simulator. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { lintWorkflows } from "../support/ci/github-job.js";
import { startRepository, succeed } from "../support/ci/github-repository.js";

const folder = join(__dirname, "../../examples/github-actions/.github/workflows");
const files = readdirSync(folder).map((name) => join(folder, name));

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: object;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
  readonly "timeout-minutes": number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
}
const workflow = (name: string) => parse(readFileSync(join(folder, `${name}.yml`), "utf8")) as Workflow;

test("GitHub's language service accepts the workflows and rejects a broken one", async () => {
  expect(files).toHaveLength(3);
  expect(await lintWorkflows(files)).toEqual([]);
  const broken = join(__dirname, "../../.cache/broken.yml");
  writeFileSync(broken, readFileSync(join(folder, "drift.yml"), "utf8").replace("queue: max", "queue: many"));
  expect(await lintWorkflows([broken])).toEqual([expect.stringContaining("Unexpected value 'many'")]);
});

test("workflows pin every action to a commit, keep expressions out of commands, and set a timeout for each job", () => {
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    for (const [, used] of text.matchAll(/uses: (.*)/g))
      expect(used).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+/);
    const { jobs } = parse(text) as Workflow;
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
      for (const { run = "" } of job.steps) expect(run).not.toContain("${{");
    }
  }
});

test("workflows have minimal permissions, and only up.yml uses the token that can write", () => {
  expect(workflow("preview").permissions).toEqual({});
  expect(workflow("up").permissions).toEqual({ contents: "read" });
  expect(workflow("drift").permissions).toEqual({ contents: "read", issues: "write" });
  const writers = files.filter((file) => /secrets\.ONA_API_KEY/.test(readFileSync(file, "utf8")));
  expect(writers).toEqual([join(folder, "up.yml")]);
});

test("no job that runs the code of a pull request can write, and none installs with scripts", () => {
  const { preview, comment } = workflow("preview").jobs;
  expect(preview?.permissions).toEqual({ contents: "read" });
  const text = readFileSync(join(folder, "preview.yml"), "utf8");
  expect([...text.matchAll(/secrets\.\w+/g)].map(String)).toEqual([
    "secrets.ONA_READ_ONLY_API_KEY",
    "secrets.PULUMI_READ_ONLY_ACCESS_TOKEN",
  ]);
  expect(comment?.permissions).toEqual({ "pull-requests": "write" });
  expect(comment?.steps.map(({ uses, run = "" }) => uses ?? /npm|pulumi [a-z]/.exec(run)?.[0])).toEqual([undefined]);
  for (const name of ["up", "drift"]) expect(workflow(name).jobs[name]?.environment).toBe("production");
  for (const file of files) expect(readFileSync(file, "utf8")).not.toMatch(/npm (?:ci|install)(?! --ignore-scripts)/);
});

test("up and the drift check share one queue that drops no run", () => {
  expect(workflow("up").concurrency).toEqual({ group: "production", queue: "max" });
  expect(workflow("drift").concurrency).toEqual(workflow("up").concurrency);
  expect(workflow("preview").concurrency).toMatchObject({ "cancel-in-progress": true });
});

test("each preview replaces its one comment on the pull request and leaves a stranger's lookalike alone", async () => {
  await using repository = await startRepository();
  const stranger = { id: 1, user: { login: "mallory" }, body: "<!-- preview of the stack production -->\nfake" };
  repository.change({ comments: [stranger] });
  await succeed(repository, "preview");
  expect(repository.forge().comments).toMatchObject([
    stranger,
    {
      body: expect.stringMatching(
        /Preview of the stack production: success\*\* \(0123abc\)[^]*\+ 3 to create/,
      ) as string,
    },
  ]);

  const index = join(repository.cwd, "index.ts");
  const program = readFileSync(index, "utf8").replace("maxSize: 4", "maxSize: 40");
  writeFileSync(index, `console.log("~~~~\\n\\r@everyone");\n${program}`);
  expect(await repository.run("preview")).toMatchObject({ conclusion: "failure" });
  const { comments } = repository.forge();
  expect(comments).toHaveLength(2);
  expect(comments[1]?.body).toMatch(/production: failure[^]*maxSize must be a whole number from 1 to 20, got 40/);
  // All of it is code.
  expect(comments[1]?.body).toMatch(/^<!--.*\n\*\*.*\n(\n| {4}.*(?![^\n]))+$/);
  expect(comments[1]?.body).toMatch(/ {4}.*@everyone\n/);
  for (const { rpc } of repository.sim.requests)
    expect(rpc).toMatch(/^(GetProject|List(Projects|EnvironmentClasses))$/);
});

test("preview skips pull requests from forks, and up runs only on main", async () => {
  await using repository = await startRepository();
  const event = { pull_request: { number: 7, head: { sha: "0123abc", repo: { full_name: "mallory/pools" } } } };
  expect(await repository.run("preview", { github: { event } })).toMatchObject({ conclusion: "skipped" });
  expect(await repository.run("up", { github: { ref: "refs/heads/other" } })).toMatchObject({ conclusion: "skipped" });
});

test("the drift check keeps one issue with the changed size and closes it after up restored the size", async () => {
  await using repository = await startRepository();
  const { sim } = repository;
  const forge = () => repository.forge();
  const results = [await succeed(repository, "up")];
  sim.clearRequests();
  results.push(await succeed(repository, "drift"));
  expect(forge().issues).toEqual([]);
  expect(sim.requests).toHaveLength(2);
  for (const { rpc } of sim.requests) expect(rpc).toMatch(/^(Get|List)WarmPools?$/);

  sim.resize(repository.pool(0).id, { maxSize: 9 });
  const found = await succeed(repository, "drift");
  results.push(found);
  const [issue] = forge().issues;
  expect(issue).toMatchObject({ title: "Drift in the stack production", state: "open" });
  expect(issue?.body.match(/^ *[~+-] .*=>.*$/gm)?.map((line) => line.trim())).toEqual(["~ maxSize: 4 => 9"]);
  expect(found.summary).toBe(issue?.body);
  expect(found.steps.at(-2)?.log).toContain("::warning::The stack production has drifted");

  sim.resize(repository.pool(0).id, { maxSize: 7 });
  await succeed(repository, "drift");
  expect(forge().issues).toHaveLength(1);
  expect(forge().issues[0]?.body).toContain("4 => 7");

  results.push(await succeed(repository, "up", { inputs: { refresh: true } }));
  expect(repository.pool(0)).toMatchObject({ minSize: 1, maxSize: 4 });
  await succeed(repository, "drift");
  expect(forge().issues).toMatchObject([{ number: 1, state: "closed", comment: "Everything is as declared again." }]);

  const seen = JSON.stringify([results, forge()]);
  for (const secret of [sim.token, sim.readOnlyToken, "pul-fake", "ghs_fake"]) expect(seen).not.toContain(secret);
}, 300_000);
