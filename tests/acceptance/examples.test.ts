/** Runs the examples unchanged, in a project that has the package installed. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStack } from "../../src/testing/engine/index";
import { startSimulator } from "../../src/testing/simulator/index";
import { compile } from "../support/compile";
import { copyProgram } from "../support/consumer";
import { consumer, expectSettled, lookupsByName, succeed, transpileOnly } from "../support/warm-pools";

const root = join(__dirname, "../..");

test("all examples compile against the installed package", () => {
  const folder = copyProgram(consumer(), join(root, "examples"));
  try {
    const { compilerOptions } = JSON.parse(readFileSync(join(folder, "testing/tsconfig.json"), "utf8")) as object & {
      compilerOptions: object;
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    compile(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("examples/warm-pools creates, resizes, and deletes three pools in two projects", async () => {
  await using sim = await startSimulator();
  const workDir = copyProgram(consumer(), join(root, "examples/warm-pools"));
  try {
    const config = {
      webProject: "storefront",
      apiProject: "data-platform",
      webClass: "regular",
      webLargeClass: "large",
      apiClass: "gpu",
    };
    await using stack = await createStack({ workDir, config, simulator: sim, reuseProcesses: true });
    expect((await succeed(stack.preview())).changeSummary).toMatchObject({ create: 4 });
    const { outputs } = await succeed(stack.up());
    expect(outputs["phases"]?.value).toEqual({ web: "READY", webLarge: "READY", api: "READY" });
    await expectSettled({ stack, sim }, lookupsByName);
    stack.setConfig("ona-warm-pools:webMaxSize", { value: "6", secret: false });
    expect((await succeed(stack.up())).changeSummary).toMatchObject({ update: 1, same: 3 });
    await succeed(stack.destroy());
    expect(sim.pools.filter(({ phase }) => phase !== "DELETED")).toEqual([]);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
});

describe("examples/testing", () => {
  const source = join(root, "examples/testing");
  const quoted = [...readFileSync(join(root, "docs/testing.md"), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, code = ""]) => code,
  );
  const ownNames = quoted.find((code) => code.includes("checkout")) ?? "";

  test("mocks.test.ts is quoted in docs/testing.md", () => {
    expect(quoted).toContain(readFileSync(join(source, "mocks.test.ts"), "utf8"));
  });

  test("passes with npm test, and so does the test with other names from docs/testing.md", () => {
    const workDir = copyProgram(consumer(), source);
    try {
      const [imports = ""] = readFileSync(join(source, "stack.test.ts"), "utf8").split("\n", 1);
      const body = `${ownNames}
        await succeed(stack.up());
        const [project] = simulator.projects;
        expect(project.name).toBe("checkout");
        expect(simulator.pools).toMatchObject([{ environmentClassId: project.environmentClassIds[1] }]);
        await stack.close();
        await simulator.close();`;
      writeFileSync(join(workDir, "names.test.ts"), `${imports}\ntest("other names", async () => {\n${body}\n});\n`);
      execFileSync("npm", ["test", "--silent", "--", "--runInBand", "--json", "--outputFile=result.json"], {
        cwd: workDir,
        env: { ...process.env, ...transpileOnly },
        stdio: "pipe",
      });
      const result = JSON.parse(readFileSync(join(workDir, "result.json"), "utf8")) as object;
      expect(result).toMatchObject({ success: true, numPassedTests: 6, numTotalTests: 6 });
    } finally {
      rmSync(workDir, { recursive: true, force: true });
    }
  }, 300_000);
});

test("examples/automation/inline.ts is quoted in docs/automation.md", () => {
  const code = readFileSync(join(root, "examples/automation/inline.ts"), "utf8");
  expect(readFileSync(join(root, "docs/automation.md"), "utf8")).toContain(`\`\`\`ts\n${code}\`\`\``);
});

test("the Pulumi project at the repository root runs examples/warm-pools", () => {
  const [rootProject, example] = ["Pulumi.yaml", "examples/warm-pools/Pulumi.yaml"].map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  expect(rootProject).toBe(example?.replace("runtime: nodejs\n", "runtime: nodejs\nmain: examples/warm-pools\n"));
});
