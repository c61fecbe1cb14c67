/** The TypeScript versions and compiler settings that programs may have. All check the declarations of libraries. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { installPackages, packagesFolder, type Setup, testSetups } from "../support/setup.js";
import { consumer } from "../support/warm-pools.js";

const versions = ["4.9", "5.0", "5.4", "5.9", "6.0", "7.0"];
const compilers = Object.fromEntries(versions.map((version) => [`typescript-${version}`, `npm:typescript@${version}`]));
const folderOf = (version: string) => join(packagesFolder(compilers), "node_modules", `typescript-${version}`);

beforeAll(() => {
  installPackages(compilers);
});

describe("our declarations", () => {
  // Outside this repository, whose packages the compiler would find.
  const folder = mkdtempSync(join(tmpdir(), "pulumi-ona-types-"));
  const installed = join(folder, "node_modules/pulumi-ona");
  const program = `
    import * as ona from "pulumi-ona";
    import * as provider from "pulumi-ona/provider";
    import * as testing from "pulumi-ona/testing";
    export const entries = [ona, provider, testing];
    export const test = async (simulator: testing.Simulator, stack: testing.Stack) => {
      simulator.fault({ rpc: "GetWarmPool", error: { code: "unavailable" }, times: "always" });
      const { exitCode, operations } = await testing.succeed(stack.up());
      await stack[Symbol.asyncDispose]();
      return [exitCode, operations[0]?.op === "create", simulator.requests[0]?.rpc];
    };`;

  beforeAll(() => {
    const source = join(consumer(), "node_modules/pulumi-ona");
    const filter = (path: string) => path !== join(source, "node_modules");
    cpSync(source, installed, { recursive: true, filter });
    for (const name of ["program.ts", "program.mts"]) writeFileSync(join(folder, name), program);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const missing = "Cannot find module '@pulumi/pulumi' or its corresponding type declarations.";
  test.each([
    ["4.9", ["node", "node16", "nodenext"]],
    ["5.0", ["node", "node16", "nodenext", "bundler"]],
    ["5.4", ["node", "node16", "nodenext", "bundler"]],
    ["5.9", ["node", "node16", "nodenext", "bundler"]],
    ["6.0", ["node", "node16", "nodenext", "bundler"]],
    ["7.0", ["node16", "nodenext", "bundler"]],
  ])("reach no other package but @pulumi/pulumi in TypeScript %s, nor later libs or Node's types", (version, modes) => {
    const check = [join(__dirname, "../support/check-types.cjs"), folderOf(version)];
    const { stdout, stderr } = spawnSync(process.execPath, check, { cwd: folder, encoding: "utf8" });
    expect(stdout.trim().split("\n")).toEqual(modes.map((mode) => `${mode}: ${missing}`));
    expect(stderr).toBe("");
    const page = readFileSync(join(installed, "docs/compatibility.md"), "utf8");
    expect(page).toContain(`| ${version} | ${modes.map((mode) => `\`${mode}\``).join(", ")} |\n`);
  });

  test("import only each other and @pulumi/pulumi", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) =>
      /^dist.*\.[cm]?ts$/.test(name),
    );
    const specifiers = files.flatMap((name) => {
      const read = ts.preProcessFile(readFileSync(join(installed, name), "utf8"));
      const references = [read.referencedFiles, read.typeReferenceDirectives, read.libReferenceDirectives];
      return [read.importedFiles, ...references].flat().map(({ fileName }) => fileName);
    });
    expect(files.length).toBeGreaterThan(10);
    expect(new Set(specifiers.filter((name) => !name.startsWith(".")))).toEqual(new Set(["@pulumi/pulumi"]));
  });

  test("let `await using` close stacks and simulators", () => {
    const options = { strict: true, noEmit: true, target: "es2022", lib: ["es2022", "esnext.disposable"], types: [] };
    const using = `
      import { createStack, startSimulator } from "pulumi-ona/testing";
      export async function test() {
        await using simulator = await startSimulator();
        await using stack = await createStack({ workDir: ".", simulator });
        return await stack.up();
      }`;
    writeFileSync(join(folder, "using.ts"), using);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...options, module: "node16" }, files: ["using.ts"] }),
    );
    const args = [join(folderOf("7.0"), "bin/tsc"), "-p", folder];
    expect(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout).toBe("");
  });
});

const packages = { "@pulumi/pulumi": "3.270.0", "@types/node": "18", typescript: "5.9.3" };

/** What `pulumi new typescript` writes. */
const templateOptions = {
  strict: true,
  target: "es2020",
  module: "commonjs",
  moduleResolution: "node",
  sourceMap: true,
  experimentalDecorators: true,
  pretty: true,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  forceConsistentCasingInFileNames: true,
};

const program = `
  import { getWarmPoolOutput, OnaError, ProjectWarmPools, type ProjectWarmPoolsPool, WarmPool } from "pulumi-ona";
  import { warmPool } from "pulumi-ona/provider";
  const web = new WarmPool("web", { projectId: "p", environmentClassId: "e", minSize: 1 });
  const shared = WarmPool.get("shared", web.id);
  export const sizes = [web.maxSize, shared.minSize, getWarmPoolOutput({ id: web.id }).desiredSize];
  const own = new ProjectWarmPools("own", { projectId: "p", pools: { regular: { environmentClassId: "e" } }, prebuild: true });
  export const own1 = [own.pools.regular.phase, own.prebuilds.regular?.phase];
  // @ts-expect-error There is no pool with that name.
  export const own2 = own.pools.large;
  const some: Record<string, ProjectWarmPoolsPool> = {};
  export const own3 = new ProjectWarmPools("some", { projectId: "p", pools: some }).pools["any"].phase;
  // @ts-expect-error A read-only resource has no volatile outputs.
  export const phase = shared.phase;
  export const isRefused = (error: unknown) => error instanceof OnaError && error.code === "permission_denied";
  export const check = warmPool.check({}, {});`;
const testProgram = `
  import { createStack, startSimulator } from "pulumi-ona/testing";
  export const up = async () => (await createStack({ workDir: ".", simulator: await startSimulator() })).up();`;

/** A row of a program that uses the declarations of `@pulumi/pulumi`, too, with a compiler other than the installed. */
function withPulumi(version: string, title: string, compilerOptions: object): Setup {
  const options = { target: "es2020", strict: true, skipDefaultLibCheck: true, ...compilerOptions };
  return {
    name: `a program and its test compile ${title}`,
    packages,
    files: {
      "tsconfig.json": JSON.stringify({ compilerOptions: options, files: ["index.ts", "test.ts"] }),
      "index.ts": program,
      "test.ts": testProgram,
    },
    command: ["node", join(folderOf(version), "bin/tsc"), "--noEmit"],
  };
}

testSetups([
  withPulumi("5.9", "with the settings of Pulumi's TypeScript template", templateOptions),
  withPulumi("4.9", "with TypeScript 4.9", { module: "node16", lib: ["es2020"], types: ["node"] }),
  withPulumi("6.0", "with TypeScript 6 without `types`", { module: "nodenext" }),
  withPulumi("7.0", "with TypeScript 7 and a bundler", { module: "esnext", moduleResolution: "bundler" }),
]);
