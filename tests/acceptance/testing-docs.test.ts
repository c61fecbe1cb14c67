/** The example of docs/testing.md, run as it stands there. */
import { readFileSync, rmSync } from "node:fs";
import { compileFunction } from "node:vm";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { writeProgram } from "../support/consumer";
import { consumer } from "../support/warm-pools";
import * as testing from "../../src/testing/index";

const program = `
const pulumi = require("@pulumi/pulumi");
const { WarmPool } = require("pulumi-ona");
const config = new pulumi.Config();
new WarmPool("web", {
  projectId: config.require("projectId"),
  environmentClassId: config.require("environmentClassId"),
  minSize: 1,
  maxSize: 2,
});
`;

const [example = ""] = [...readFileSync("docs/testing.md", "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code,
);
const options = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
const { outputText } = transpileModule(example, { compilerOptions: options });
const folder = writeProgram(consumer(), {
  "Pulumi.yaml": "name: example\nruntime: nodejs\nmain: index.js\n",
  "package.json": JSON.stringify({ name: "example", private: true, main: "index.js" }),
  "index.js": program,
});
const collected: [string, () => Promise<void>][] = [];
const collect = (name: string, body: () => Promise<void>): void => void collected.push([name, body]);
const load = (name: string): unknown => (name === "pulumi-ona/testing" ? testing : undefined);
const run = compileFunction(outputText, ["exports", "require", "test", "expect", "__dirname"]) as (
  ...given: unknown[]
) => void;
run({}, load, collect, expect, folder);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(collected)("%s", (_, body) => body());
