/** The examples run as they stand, as projects of somebody who installed the package. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createStack } from "../../src/testing/engine/index";
import { startSimulator } from "../../src/testing/simulator/index";
import { copyProgram } from "../support/consumer";
import { consumer, expectSettled, succeed } from "../support/warm-pools";

const root = join(__dirname, "../..");

test("warm-pools: three pools over two projects, through their life", async () => {
  await using sim = await startSimulator();
  const [web, api] = sim.projects;
  const workDir = copyProgram(consumer(), join(root, "examples/warm-pools"));
  try {
    execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", workDir], { stdio: "pipe" });
    const config = {
      webProject: web?.id ?? "",
      apiProject: api?.id ?? "",
      webClass: web?.environmentClassIds[0] ?? "",
      webLargeClass: web?.environmentClassIds[1] ?? "",
      apiClass: api?.environmentClassIds[0] ?? "",
    };
    await using stack = await createStack({ workDir, config, env: sim.env, clock: sim.clock });
    expect((await succeed(stack.preview())).changeSummary).toMatchObject({ create: 4 });
    const { outputs } = await succeed(stack.up());
    expect(outputs["phases"]?.value).toEqual({ web: "READY", webLarge: "READY", api: "READY" });
    await expectSettled({ stack, sim });
    stack.setConfig("ona-warm-pools:webMaxSize", { value: "6", secret: false });
    expect((await succeed(stack.up())).changeSummary).toMatchObject({ update: 1, same: 3 });
    await succeed(stack.destroy());
    expect(sim.pools.filter(({ phase }) => phase !== "DELETED")).toEqual([]);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
});

test("the project at the root of the repository is the first example", () => {
  const [ours, example] = ["Pulumi.yaml", "examples/warm-pools/Pulumi.yaml"].map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  expect(ours).toBe(example?.replace("runtime: nodejs\n", "runtime: nodejs\nmain: examples/warm-pools\n"));
});
