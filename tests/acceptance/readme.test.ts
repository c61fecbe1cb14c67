/** Runs the snippets of the README. Its Python snippet runs in test:conformance, which has the vendor's SDK. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { copyProgram } from "../support/consumer";
import { installShim } from "../support/installed-shim";
import { exported, simulate, stopAll } from "../support/simulate-command";
import { consumer, transpileOnly } from "../support/warm-pools";

const root = join(__dirname, "../..");
const text = readFileSync(join(root, "README.md"), "utf8");
const blocks = (language: string) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].filter(([, is]) => is === language);
const block = (language: string, begin: string) =>
  blocks(language).find(([, , code = ""]) => code.startsWith(begin))?.[2] ?? "";

afterEach(stopAll);

/** Runs lines in a shell and returns a failure as a result. */
async function sh(lines: string, options: { cwd?: string; env: Record<string, string> }) {
  const env = { ...process.env, ...options.env };
  return promisify(execFile)("sh", ["-ec", lines], { ...options, env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
}

test("the README's curl command creates a pool in a simulator started with pulumi-ona simulate", async () => {
  const { text: printed } = await simulate();
  const { stdout } = await sh(block("sh", "curl").replace("curl", "curl -sS"), { env: exported(printed) });
  expect(JSON.parse(stdout)).toMatchObject({ warmPool: { spec: { minSize: 1, maxSize: 2 } } });
});

test("the README's pulumi commands run on the simulator, and refresh finds a resize", async () => {
  const { text: printed } = await simulate();
  const { ONA_BASE_URL = "" } = exported(printed);
  const levers = ONA_BASE_URL.replace("/api", "/_simulator");
  const cwd = copyProgram(consumer(), join(root, "examples/testing"));
  const home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
  const shim = installShim();
  const settings = { PULUMI_BACKEND_URL: `file://${home}`, PULUMI_CONFIG_PASSPHRASE: "" };
  const env = { ...exported(printed), ...shim.env, ...settings, ...transpileOnly };
  const pools = async () => {
    const state = (await (await fetch(`${levers}/state`)).json()) as { pools: { id: string; phase: string }[] };
    return state.pools;
  };
  try {
    const [install, init, up, refresh = "", destroy = ""] = block("sh", "npm install\npulumi").trim().split("\n");
    expect([install, init]).toEqual(["npm install", "pulumi stack init dev"]); // npm install has run for all tests.
    expect(await sh(`${init}\n${up}\n${refresh}`, { cwd, env })).toMatchObject({ code: 0 });
    const [pool] = await pools();
    expect(pool).toMatchObject({ phase: "READY", minSize: 1, maxSize: 3 });
    await fetch(`${levers}/pools/${pool?.id}/resize`, { method: "POST", body: JSON.stringify({ maxSize: 5 }) });
    expect(await sh(refresh, { cwd, env })).toMatchObject({ code: 7 });
    expect(await sh(destroy, { cwd, env })).toMatchObject({ code: 0 });
    expect(await pools()).toMatchObject([{ phase: "DELETED" }]);
  } finally {
    shim.remove();
    for (const folder of [cwd, home]) rmSync(folder, { recursive: true, force: true });
  }
});

test("the README starts a stack test with the same two lines as the example", () => {
  const lines = block("ts", "await using").trim().split("\n");
  expect(lines).toHaveLength(2);
  const example = readFileSync(join(root, "examples/testing/stack.test.ts"), "utf8");
  expect(example).toContain(lines.map((line) => `  ${line}\n`).join(""));
});
