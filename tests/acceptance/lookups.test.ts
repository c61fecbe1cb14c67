/** A program that declares a pool by the names of its project and class, as in docs/lookups.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, startBench, succeed } from "../support/warm-pools.js";

const page = readFileSync(join(__dirname, "../../docs/lookups.md"), "utf8");
const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];

const files = { "index.ts": program, "Pulumi.yaml": "name: pools\nmain: index.ts\nruntime: nodejs\n" };

test("the program in docs/lookups.md declares a pool by names, and a preview without changes makes only two Lists more", async () => {
  await using bench = await startBench({ files });
  bench.stack.setConfig("ona:preflight", { value: "false", secret: false });
  await succeed(bench.stack.preview());
  expect(bench.calls()).toEqual(["ListProjects", "ListEnvironmentClasses"]);
  await succeed(bench.stack.up());
  expect(bench.sim.pools).toMatchObject([
    { projectId: bench.project, environmentClassId: bench.regular, phase: "READY" },
  ]);
  bench.sim.clearRequests();
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  expect(bench.calls()).toEqual(["ListProjects", "ListEnvironmentClasses"]);
});

test.each(["permission_denied", "unimplemented"] as const)(
  "a token that may not read projects (%s) gets the reason and the function's call",
  async (code) => {
    await using bench = await startBench({
      files,
      simulator: { unknowns: { projectCalls: code } },
    });
    expect(await fail(bench.stack.preview())).toContain(`ListProjects: the Ona API answered ${code}`);
  },
);
