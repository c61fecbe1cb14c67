/** `pulumi-ona simulate` of the installed package: a person starts it, uses it with what it prints, and stops it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const command = join(process.env["PULUMI_ONA_CONSUMER"] ?? "", "node_modules/pulumi-ona/dist/cli/main.js");
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Starts it and waits until it has said how to use it. */
async function simulate(...options: string[]): Promise<{ child: ChildProcess; text: string }> {
  const child = spawn(process.execPath, [command, "simulate", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes("Ctrl+C")) break;
  }
  return { child, text };
}

/** What the printed lines put into the environment of a shell. */
function exported(text: string): Record<string, string> {
  const lines = [...text.matchAll(/export (\w+)=(\S+)/g)];
  return Object.fromEntries(lines.map(([, name = "", value = ""]): [string, string] => [name, value]));
}

test.each(["SIGINT", "SIGTERM"] as const)("it serves with what it prints, and %s stops it cleanly", async (signal) => {
  const { child, text } = await simulate();
  const { ONA_API_KEY, ONA_BASE_URL } = exported(text);
  const [project = "", environmentClass = ""] = [...text.matchAll(/^ +([0-9a-f-]{36}) /gm)].map(([, id]) => id ?? "");
  const response = await fetch(`${ONA_BASE_URL}/gitpod.v1.PrebuildService/CreateWarmPool`, {
    method: "POST",
    headers: { Authorization: `Bearer ${ONA_API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ projectId: project, environmentClassId: environmentClass }),
  });
  expect(response.status).toBe(200);
  const page = await fetch(/Page to watch it: +(\S+)/.exec(text)?.[1] ?? "");
  expect(await page.text()).toContain("<h1>Simulated Ona API</h1>");
  const ended = once(child, "exit");
  child.kill(signal);
  expect(await ended).toEqual([0, null]);
});

test("it listens where it is told to, and says when somebody is there already", async () => {
  const first = await simulate("--token", "mine");
  const port = new URL(exported(first.text)["ONA_BASE_URL"] ?? "").port;
  const second = spawnSync(process.execPath, [command, "simulate", "--port", port], { encoding: "utf8" });
  expect(second).toMatchObject({ status: 1, stdout: "", stderr: `port ${port} is in use\n` });
  expect(exported(first.text)["ONA_API_KEY"]).toBe("mine");
});

const wrong = [["--port", "http"], ["--port", "70000"], ["--colour"], ["now"]].map((options) => ({ options }));

test.each(wrong)("wrong usage exits 2: $options", ({ options }) => {
  const { status, stderr } = spawnSync(process.execPath, [command, "simulate", ...options], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain("--help");
});
