/** Checks the pipeline of examples/gitlab-ci with GitLab's schema and runs its commands on the simulator. */
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startGitLabApi } from "../support/ci/gitlab-api.js";
import { expandedJob, jobsOf, makeRepository, runJob } from "../support/ci/gitlab-job.js";
import { startWorkspace } from "../support/ci/workspace.js";

const gitlabToken = "glpat-fake";

/** Starts a GitLab project whose jobs use the simulator. */
async function startProject() {
  const workspace = await startWorkspace("gitlab-ci");
  const api = await startGitLabApi(gitlabToken);
  await makeRepository(workspace.cwd);
  const env = {
    ...workspace.env,
    CI_API_V4_URL: api.url,
    CI_PROJECT_ID: "12",
    CI_MERGE_REQUEST_IID: "7",
    CI_COMMIT_SHA: "0123abc",
    CI_JOB_URL: "https://gitlab.com/acme/pools/-/jobs/1",
    ONA_READ_ONLY_API_KEY: workspace.sim.readOnlyToken,
    PULUMI_READ_ONLY_ACCESS_TOKEN: "pul-fake-read-only",
  };
  return {
    ...workspace,
    api,
    /** Jobs get the tokens that docs/ci.md scopes to their environment. */
    run: (job: "preview" | "comment" | "up" | "drift", more: Record<string, string> = {}) => {
      const scoped: Record<string, Record<string, string>> = {
        preview: {},
        up: { ONA_API_KEY: workspace.sim.token },
      };
      return runJob(workspace.cwd, job, { ...env, ...(scoped[job] ?? { GITLAB_TOKEN: gitlabToken }), ...more });
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await workspace[Symbol.asyncDispose]();
    },
  };
}

test("GitLab's schema accepts the pipeline and rejects a broken one, and each event starts its one job", async () => {
  await using project = await startProject();
  const { cwd } = project;
  expect(await jobsOf(cwd, "merge_request_event", "12")).toEqual(["preview", "comment"]);
  expect(await jobsOf(cwd, "merge_request_event", "13")).toEqual([]);
  expect(await jobsOf(cwd, "push")).toEqual(["up"]);
  expect(await jobsOf(cwd, "web")).toEqual(["up"]);
  expect(await jobsOf(cwd, "schedule")).toEqual(["drift"]);
  expect((await expandedJob(cwd, "up")).resource_group).toBe("production");
  expect((await expandedJob(cwd, "drift")).resource_group).toBe("production");

  const file = join(cwd, ".gitlab-ci.yml");
  writeFileSync(file, readFileSync(file, "utf8").replace("resource_group:", "resource_grop:"));
  await expect(jobsOf(cwd, "push")).rejects.toThrow(/'resource_grop' property is not expected/);
});

test("each preview replaces its one note on the merge request and leaves a stranger's lookalike alone", async () => {
  await using project = await startProject();
  const { api, cwd, run, sim } = project;
  const stranger = { id: 1, author: { id: 5 }, body: "<!-- preview of the stack production -->\nfake" };
  api.notes.push({ ...stranger });
  expect(await run("preview")).toMatchObject({ status: "success" });
  expect(await run("comment")).toMatchObject({ status: "success" });
  const index = join(cwd, "index.ts");
  expect(api.notes[1]?.body).toMatch(/stack production\*\* \(0123abc\)[^]*\+ 3 to create/);
  const program = readFileSync(index, "utf8").replace("maxSize: 4", "maxSize: 40");
  writeFileSync(index, `console.log("~~~~\\n\\r@everyone");\n${program}`);
  expect(await run("preview")).toMatchObject({ status: "failed" });
  expect(await run("comment")).toMatchObject({ status: "success" });
  expect(api.notes).toEqual([
    stranger,
    { id: 2, author: { id: 77 }, body: expect.stringContaining("from 1 to 20, got 40") as string },
  ]);
  // All of it is code.
  expect(api.notes[1]?.body).toMatch(/^<!--.*\n\*\*.*\n(\n| {4}.*(?![^\n]))+$/);
  expect(api.notes[1]?.body).toMatch(/ {4}.*@everyone\n/);
  for (const { rpc } of sim.requests) expect(rpc).toMatch(/^(GetProject|List(Projects|EnvironmentClasses))$/);

  rmSync(join(cwd, "preview.txt"));
  symlinkSync("/proc/self/environ", join(cwd, "preview.txt"));
  expect(await run("comment")).toMatchObject({ status: "failed" });
  expect(JSON.stringify(api.notes)).not.toContain(gitlabToken);
});

test("jobs install without scripts, and none that runs the code of a merge request names a token that can write", async () => {
  await using project = await startProject();
  const preview = await expandedJob(project.cwd, "preview");
  expect(preview.before_script).toEqual(["npm ci --ignore-scripts"]);
  expect(preview.script.join("\n").match(/\$\w+TOKEN|\$\w+KEY/g)).toEqual([
    "$ONA_READ_ONLY_API_KEY",
    "$PULUMI_READ_ONLY_ACCESS_TOKEN",
  ]);
  const comment = await expandedJob(project.cwd, "comment");
  expect(comment.before_script).toEqual([]);
  expect(comment.script.join("\n")).not.toMatch(/npm|pulumi /);
});

test("the drift job warns, keeps one issue with the changed size, and closes it after up restored the size", async () => {
  await using project = await startProject();
  const { api, run, sim } = project;
  const results = [await run("up"), await run("drift")];
  expect(results.map(({ status }) => status)).toEqual(["success", "success"]);
  expect(api.calls).toEqual(["GET /projects/12/issues"]);

  sim.resize(project.pool(0).id, { maxSize: 9 });
  results.push(await run("drift"));
  expect(results.at(-1)?.status).toBe("warning");
  const changes = (text = "") => text.match(/^ *[~+-] .*=>.*$/gm)?.map((line) => line.trim());
  expect(api.issues).toMatchObject([{ title: "Drift in the stack production", labels: "drift", state: "opened" }]);
  expect(changes(api.issues[0]?.description)).toEqual(["~ maxSize: 4 => 9"]);

  sim.resize(project.pool(0).id, { maxSize: 7 });
  results.push(await run("drift"));
  expect(api.issues).toHaveLength(1);
  expect(changes(api.issues[0]?.description)).toEqual(["~ maxSize: 4 => 7"]);

  results.push(await run("up", { REFRESH: "true" }));
  expect(project.pool(0)).toMatchObject({ minSize: 1, maxSize: 4 });

  // Volatile outputs and undeclared sizes are not drift.
  sim.scale(project.pool(0).id, 4);
  sim.rotate(project.pool(0).id);
  sim.degrade(project.pool(1).id, "no capacity");
  sim.resize(project.pool(1).id, { maxSize: 12 });
  results.push(await run("drift"));
  expect(results.at(-1)?.status).toBe("success");
  expect(api.issues).toMatchObject([{ iid: 1, state: "closed" }]);

  const seen = JSON.stringify([results, api.issues]);
  for (const secret of [sim.token, sim.readOnlyToken, gitlabToken]) expect(seen).not.toContain(secret);
}, 300_000);

test("the drift job fails and opens no issue when the API is down", async () => {
  await using project = await startProject();
  const { api, run, sim } = project;
  await run("up");
  sim.resize(project.pool(0).id, { maxSize: 9 });
  sim.fault({ error: { code: "unavailable" }, times: "always" });
  expect(await run("drift")).toMatchObject({
    status: "failed",
    log: expect.stringContaining("unavailable") as string,
  });
  expect(api.calls).toEqual([]);
}, 300_000);
