// docs/simulator.md says what there is: every lever, every switch, and commands that work.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { plausible } from "../../../src/testing/simulator/index.js";
import { pull, simulate } from "./support.js";

const text = readFileSync(join(__dirname, "../../../docs/simulator.md"), "utf8");

test("every lever is in the table, and every lever in the table exists", async () => {
  const simulator = await simulate();
  const { body } = await pull(simulator, "GET", "");
  const written = [...text.matchAll(/\| `((?:GET|POST|DELETE) \/[^`]*)` +\|/g)].map(([, call]) => call);
  expect(written.toSorted()).toEqual(Array.isArray(body) ? body.toSorted() : body);
});

test("every switch is in the table with all its answers, the usual one first", () => {
  const rows = [...text.matchAll(/^\| `(\w+)` +\| ((?:`\w+`(?:, )?)+) *\|$/gm)];
  const written = Object.fromEntries(rows.map(([, point = "", answers = ""]) => [point, answers.match(/\w+/g)]));
  expect(written).toEqual(plausible);
});

test("the command with curl lists two prebuilds", async () => {
  const simulator = await simulate();
  const command = /```sh\n(curl [\s\S]*?)```/.exec(text)?.[1] ?? "";
  const env = { ...process.env, ...simulator.env };
  const { stdout } = await promisify(execFile)("sh", ["-c", command.replace("curl", "curl -sS")], { env });
  expect(JSON.parse(stdout)).toMatchObject({ prebuilds: [{}, {}] });
});

test("the ids of the example are those of the seed", async () => {
  const { projects } = await simulate();
  expect(text).toContain(`projectId: "${projects[0]?.id}"`);
  expect(text).toContain(`environmentClassId: "${projects[0]?.environmentClassIds[0]}"`);
});
