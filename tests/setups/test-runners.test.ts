/** The test runners and module systems with which users test stacks, with the lines that docs/testing.md shows. */
import { testSetups } from "../support/setup.js";

const packages = {
  "@pulumi/pulumi": "3.270.0",
  "@types/jest": "30.0.0",
  "@types/node": "24",
  jest: "30.5.2",
  "ts-jest": "29.4.15",
  "ts-node": "10.9.2",
  typescript: "5.9.3",
  vitest: "4.1.12",
};

/** A slow machine needs more time than the runners give by default, in milliseconds. */
const testTimeout = 120_000;

const stackTest = (folder: string, assertion: string): string => `
import { createStack, startSimulator, succeed } from "pulumi-ona/testing";
test("up", async () => {
  await using simulator = await startSimulator();
  await using stack = await createStack({ workDir: ${folder}, simulator });
  const { outputs } = await succeed(stack.up());
  ${assertion}
});`;
const expected = stackTest("__dirname", 'expect(outputs.phase?.value).toBe("READY");');
const expectedInModule = expected.replace("__dirname", "import.meta.dirname");

const program = {
  "Pulumi.yaml": "name: pools\nruntime: nodejs\n",
  "index.ts": `
    import { WarmPool } from "pulumi-ona";
    const ids = { projectId: "cb834fc7-3a3b-4fce-998d-fba06d393c8e", environmentClassId: "c8bf2375-daf5-4160-9af2-7f277ad049c3" };
    export const phase = new WarmPool("web", ids).phase;`,
};
/** A program that TypeScript compiles to an ES module. */
const moduleProgram = {
  ...program,
  "index.ts": `await null;${program["index.ts"]}`,
  "tsconfig.json": JSON.stringify({ compilerOptions: { module: "nodenext", target: "es2022" } }),
};
const manifest = (fields: object): string => JSON.stringify({ name: "pools", main: "index.ts", ...fields });

testSetups([
  {
    name: "a test of a stack passes in jest with ts-jest",
    packages,
    files: {
      ...program,
      "package.json": manifest({ jest: { preset: "ts-jest", testTimeout } }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { module: "node16", target: "es2022", lib: ["esnext"] } }),
      "stack.test.ts": expected,
    },
    command: ["jest"],
    output: /Tests: +1 passed/,
  },
  {
    name: "a test of a stack passes in jest as an ES module",
    packages,
    files: {
      ...moduleProgram,
      "package.json": manifest({ type: "module", jest: { testTimeout, transform: {} } }),
      "stack.test.js": expectedInModule,
    },
    env: { NODE_OPTIONS: "--experimental-vm-modules" },
    command: ["jest"],
    output: /Tests: +1 passed/,
  },
  {
    name: "a test of a stack passes in vitest",
    packages,
    files: {
      ...moduleProgram,
      "package.json": manifest({ type: "module" }),
      "vitest.config.js": `export default { test: { globals: true, testTimeout: ${testTimeout} } };`,
      "stack.test.ts": expectedInModule,
    },
    command: ["vitest", "run"],
    env: { NO_COLOR: "1" },
    output: /Tests +1 passed/,
  },
  {
    name: "a test of a stack passes in Node's own runner",
    packages,
    files: {
      ...moduleProgram,
      "package.json": manifest({ type: "module" }),
      "stack.test.mjs": `import assert from "node:assert";\nimport { test } from "node:test";
        ${stackTest("import.meta.dirname", 'assert.equal(outputs.phase.value, "READY");')}`,
    },
    command: ["node", "--test", "stack.test.mjs"],
    output: /pass 1/,
  },
]);
