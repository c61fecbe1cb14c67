/** docs/simulator.md lists every lever and every open point, and its commands work. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { plausible } from "../../../src/testing/simulator/index.js";
import { pull, simulate } from "./support.js";

const text = readFileSync(join(__dirname, "../../../docs/simulator.md"), "utf8");

test("docs/simulator.md lists exactly the levers that exist", async () => {
  const simulator = await simulate();
  const { body } = await pull(simulator, "GET", "");
  const written = [...text.matchAll(/\| `((?:GET|POST|DELETE) \/[^`]*)` +\|/g)].map(([, call]) => call);
  expect(written.toSorted()).toEqual(Array.isArray(body) ? body.toSorted() : body);
});

test("docs/simulator.md lists every open point with its answers in order, the default first", () => {
  const rows = [...text.matchAll(/^\| `(\w+)` +\| ((?:`\w+`(?:, )?)+) *\|$/gm)];
  const written = Object.fromEntries(rows.map(([, point = "", answers = ""]) => [point, answers.match(/\w+/g)]));
  expect(written).toEqual(plausible);
});

test("the curl command in docs/simulator.md lists two prebuilds", async () => {
  const simulator = await simulate();
  const command = /```sh\n(curl [\s\S]*?)```/.exec(text)?.[1] ?? "";
  const env = { ...process.env, ...simulator.env };
  const { stdout } = await promisify(execFile)("sh", ["-c", command.replace("curl", "curl -sS")], { env });
  expect(JSON.parse(stdout)).toMatchObject({ prebuilds: [{}, {}] });
});
