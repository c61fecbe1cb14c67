/** `pulumi-ona simulate` of the installed package: a user starts it, follows what it prints, and stops it. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { command, exported, simulate, stopAll } from "../support/simulate-command.js";

afterEach(stopAll);

test.each(["SIGINT", "SIGTERM"] as const)(
  "serves at the address it prints, and stops cleanly on %s",
  async (signal) => {
    const { child, text } = await simulate();
    const { ONA_API_KEY, ONA_BASE_URL } = exported(text);
    const [project = "", environmentClass = ""] = [...text.matchAll(/^ +([0-9a-f-]{36}) /gm)].map(([, id]) => id ?? "");
    const response = await fetch(`${ONA_BASE_URL}/gitpod.v1.PrebuildService/CreateWarmPool`, {
      method: "POST",
      headers: { Authorization: `Bearer ${ONA_API_KEY}`, "Content-Type": "application/json" },
      body: JSON.stringify({ projectId: project, environmentClassId: environmentClass }),
    });
    expect(response.status).toBe(200);
    const page = await fetch(/Web page: +(\S+)/.exec(text)?.[1] ?? "");
    expect(await page.text()).toContain("<h1>Simulated Ona API</h1>");
    const ended = once(child, "exit");
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  },
);

test("fails with the port number if the port is in use", async () => {
  const first = await simulate("--token", "mine");
  const port = new URL(exported(first.text)["ONA_BASE_URL"] ?? "").port;
  const second = spawnSync(process.execPath, [command, "simulate", "--port", port], { encoding: "utf8" });
  expect(second).toMatchObject({ status: 1, stdout: "", stderr: `port ${port} is in use\n` });
  expect(exported(first.text)["ONA_API_KEY"]).toBe("mine");
});

const wrong = [["--port", "http"], ["--port", "70000"], ["--color"], ["now"]].map((options) => ({ options }));

test.each(wrong)("exits 2 for the wrong usage $options", ({ options }) => {
  const { status, stderr } = spawnSync(process.execPath, [command, "simulate", ...options], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toContain("--help");
});
