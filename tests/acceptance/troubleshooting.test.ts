/** Follows docs/troubleshooting.md and the advice of errors about tokens and addresses, word for word. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStack } from "../../src/testing/engine/index";
import { installShim } from "../support/installed-shim";
import { type Simulator, startSimulator } from "../../src/testing/simulator/index";
import { type Bench, consumer, fail, startBench, succeed, token } from "../support/warm-pools";

const page = readFileSync(join(__dirname, "../../docs/troubleshooting.md"), "utf8");
const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, heading = ""]) => heading);

/** The heading that users find when they search for an error. */
function headingOf(error: string): string {
  const heading = headings.find((each) => error.includes(each));
  if (heading === undefined) throw new Error(`no heading of the page is part of this:\n${error}`);
  return heading;
}

const snippets = (language: string) =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].flatMap(([, name, code = ""]) => (name === language ? [code] : []));

const living = ({ pools }: Simulator) => pools.filter(({ phase }) => phase !== "DELETED");
const web = ({ project, regular }: Bench, more: object = {}) => ({
  name: "web",
  args: { projectId: project, environmentClassId: regular, ...more },
});

/** A stack with a pool whose token, in config, has been revoked, and the token that replaces it. */
async function revokedInConfig(): Promise<Bench & { readonly newToken: string }> {
  const bench = await startBench({ stack: { env: { ONA_API_KEY: undefined } } });
  bench.stack.setConfig("ona:apiKey", { value: token, secret: true });
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const newToken = bench.sim.issueToken("full");
  bench.sim.revokeToken(token);
  return { ...bench, newToken };
}

const replaceIn = (error: string) => /Replace the token in (\S+): /.exec(error)?.[1] ?? "";
const option = (error: string) => /unless you add (--[\w-]+)/.exec(error)?.[1] ?? "";

test.each(["refresh", "destroy"] as const)(
  "a %s after the token in config was revoked works as the error says",
  async (command) => {
    await using bench = await revokedInConfig();
    const { stack, newToken } = bench;
    const error = await fail(stack[command]());
    expect(replaceIn(error)).toBe("ona:apiKey");
    expect(option(error)).toBe("--run-program");
    stack.setConfig(replaceIn(error), { value: newToken, secret: true });
    // Without the option it still uses the config of the last `up`.
    expect(option(await fail(stack[command]()))).toBe("--run-program");
    await succeed(stack[command]({ runProgram: true }));
    expect(living(bench.sim)).toHaveLength(command === "destroy" ? 0 : 1);
    await succeed(stack[command]());
  },
);

test("an `up` with a new token in config lets a plain refresh work again", async () => {
  await using bench = await revokedInConfig();
  const { stack, newToken } = bench;
  const error = await fail(stack.refresh());
  stack.setConfig(replaceIn(error), { value: newToken, secret: true });
  await succeed(stack.up());
  await succeed(stack.refresh({ expectNoChanges: true }));
});

test("a refresh after the token in the environment was revoked needs only a new one there", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const newToken = bench.sim.issueToken("full");
  bench.sim.revokeToken(token);
  const error = await fail(bench.stack.refresh());
  expect(replaceIn(error)).toBe("ONA_API_KEY");
  expect(error).not.toContain("--run-program");
  bench.stack.setEnv(replaceIn(error), newToken);
  await succeed(bench.stack.refresh({ expectNoChanges: true }));
});

test("a moved API works as the error says: where the address is, and how refresh finds it", async () => {
  await using bench = await startBench({ stack: { env: { ONA_BASE_URL: undefined } } });
  const { sim, stack } = bench;
  stack.setConfig("ona:baseUrl", { value: sim.url, secret: false });
  bench.declare(web(bench));
  await succeed(stack.up());
  sim.fault({ rpc: "GetWarmPool", redirect: { to: "https://elsewhere.invalid/api" } });
  const error = await fail(stack.refresh());
  const place = /If the API has moved, set (\S+) to its new address\. /.exec(error)?.[1] ?? "";
  expect(place).toBe("ona:baseUrl");
  expect(option(error)).toBe("--run-program");
  stack.setConfig(place, { value: `${sim.url}/`, secret: false });
  await succeed(stack.refresh({ runProgram: true }));
});

test("a token of another organization in config is replaced as the error says", async () => {
  await using other = await startSimulator({ organizationId: "5a5c1b2e-7d0f-4c3e-9a52-3f1d2b7c8e90" });
  await using bench = await startBench({ stack: { env: { ONA_BASE_URL: undefined } } });
  const { sim, stack } = bench;
  const setAccount = ({ token: value, url }: Simulator) => {
    stack.setConfig("ona:apiKey", { value, secret: true });
    stack.setConfig("ona:baseUrl", { value: url, secret: false });
  };
  setAccount(sim);
  bench.declare(web(bench));
  await succeed(stack.up());
  setAccount(other);
  await succeed(stack.up());
  const error = await fail(stack.refresh());
  expect(error).toContain("Use a token and an address for organization");
  setAccount(sim);
  expect(option(await fail(stack.refresh()))).toBe("--run-program");
  await succeed(stack.refresh({ runProgram: true }));
  expect(stack.state.filter(({ type }) => type.includes("WarmPool"))).toHaveLength(1);
});

test("the commands in the error about a connection without an address make it work", async () => {
  await using sim = await startSimulator({ clock: "real", token: "token-of-eu" });
  await using bench = await startBench({
    files: {
      "Pulumi.yaml":
        "name: pools\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\n" +
        `config: { ona:connections: { value: { "eu 1": { baseUrl: "${sim.url}" } } } }\n`,
    },
  });
  bench.declare(web(bench, { connection: "eu 1", waitForReady: false }));
  const shim = installShim();
  const home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
  const env = { ...process.env, ...shim.env, PULUMI_BACKEND_URL: `file://${home}`, PULUMI_CONFIG_PASSPHRASE: "x" };
  /** Runs a line in a shell, with the token as its input. */
  const sh = (line: string) =>
    new Promise<{ code: number; text: string }>((resolve) => {
      const child = execFile("sh", ["-ec", line], { cwd: bench.folder, env }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, text: stdout + stderr }),
      );
      child.stdin?.end("token-of-eu");
    });
  try {
    await sh("pulumi stack init dev");
    // What the documentation of other providers suggests, and what drops the address.
    await sh(`pulumi config set --secret --path 'ona:connections["eu 1"].apiKey'`);
    const preview = await sh("pulumi preview");
    expect(preview).toMatchObject({ code: 1 });
    expect(preview.text).toContain("but no address, so the token is not sent");
    const commands = [
      ...new Set([...preview.text.matchAll(/`(pulumi config set [^`]+)`/g)].map(([, line = ""]) => line)),
    ];
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(await sh(command.replace("ADDRESS", sim.url))).toMatchObject({ code: 0 });
    expect(await sh("pulumi up --yes --skip-preview")).toMatchObject({ code: 0 });
    expect(living(sim)).toHaveLength(1);
    expect(bench.calls()).toEqual([]);
  } finally {
    shim.remove();
    rmSync(home, { recursive: true, force: true });
  }
});

test("a resource that is removed together with the package is deleted once the package is back", async () => {
  await using sim = await startSimulator();
  const [project] = sim.projects;
  const args = { projectId: project?.id, environmentClassId: project?.environmentClassIds[0] };
  const folder = mkdtempSync(join(tmpdir(), "removed-"));
  const write = (program: string) => writeFileSync(join(folder, "index.js"), program);
  const modules = join(consumer(), "node_modules");
  const installed = join(folder, "node_modules/pulumi-ona");
  const install = () => symlinkSync(join(modules, "pulumi-ona"), installed, "junction");
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(modules).filter((each) => each !== "pulumi-ona" && !each.startsWith(".")))
    symlinkSync(join(modules, name), join(folder, "node_modules", name), "junction");
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    "name: removed\nruntime: { name: nodejs, options: { typescript: false } }\n",
  );
  writeFileSync(join(folder, "package.json"), '{ "name": "removed", "main": "index.js" }');
  write(`new (require("pulumi-ona").WarmPool)("web", ${JSON.stringify(args)});`);
  install();
  await using stack = await createStack({ workDir: folder, simulator: sim });
  await succeed(stack.up());

  write("");
  rmSync(installed);
  await succeed(stack.preview());
  for (const run of [() => stack.up(), () => stack.refresh(), () => stack.destroy()])
    expect(headingOf(await fail(run()))).toBe("Cannot find module 'pulumi-ona/provider'");
  expect(living(sim)).toHaveLength(1);
  expect(stack.state.filter(({ type }) => type.includes("WarmPool"))).toHaveLength(1);

  install();
  await succeed(stack.up());
  expect(living(sim)).toEqual([]);
  rmSync(installed);
  await succeed(stack.up({ expectNoChanges: true }));
  rmSync(folder, { recursive: true, force: true });
});

test("an explicit provider works where config disables default providers, and must get the settings in config", async () => {
  const [withEnvironment = "", withConfig = ""] = snippets("ts");
  const ids = `const { projectId, environmentClassId, apiProject, pools } = JSON.parse(require("fs").readFileSync("ids.json", "utf8"));\n`;
  const program = withEnvironment.replace(/\n\n/, `\n${ids}\n`);
  await using bench = await startBench({
    stack: { config: { "pulumi:disable-default-providers": '["*"]' } },
    files: {
      "Pulumi.yaml": "name: pools\nruntime: nodejs\n",
      "package.json": '{ "name": "pools", "private": true, "main": "index.ts" }',
      "index.ts": program.replace(", { provider }", ""),
    },
  });
  const { sim, stack, folder, project, regular, otherProject } = bench;
  const write = (text: string) => writeFileSync(join(folder, "index.ts"), text);
  const [large] = sim.projects[1]?.environmentClassIds ?? [];
  const pools = { large: { environmentClassId: large } };
  const pair = { projectId: project, environmentClassId: regular };
  writeFileSync(join(folder, "ids.json"), JSON.stringify({ ...pair, apiProject: otherProject, pools }));

  const refused = await fail(stack.preview());
  expect(headingOf(refused)).toBe("Default provider for 'pulumi-nodejs' disabled");
  expect(refused).toContain("dynamic/ona:WarmPool::web' must use an explicit provider.");

  write(program);
  await succeed(stack.up());
  expect(living(sim)).toHaveLength(2);
  await succeed(stack.preview({ expectNoChanges: true, refresh: true }));

  stack.setEnv("ONA_API_KEY", undefined);
  stack.setEnv("ONA_BASE_URL", undefined);
  stack.setConfig("ona:apiKey", { value: token, secret: true });
  stack.setConfig("ona:baseUrl", { value: sim.url, secret: false });
  bench.calls();
  expect(await fail(stack.preview())).toContain(
    "The stack's config sets ona:apiKey, ona:baseUrl, but this resource has an explicit provider, which does not get the stack's config",
  );
  const read = program.replace(/^const web = .*$/m, 'WarmPool.get("shared", environmentClassId, { provider });');
  write(read.replace(/^new ProjectWarmPools.*$/m, ""));
  expect(await fail(stack.preview())).toContain("The stack's config sets ona:apiKey, ona:baseUrl, but this resource");
  expect(bench.calls()).toEqual([]);

  write(program.replace(/^const provider = .*$/m, withConfig));
  await succeed(stack.up());
  await succeed(stack.preview({ expectNoChanges: true, refresh: true }));
  await succeed(stack.refresh({ expectNoChanges: true }));
  const state = JSON.stringify(await stack.exportDeployment());
  expect(state).not.toContain(token);
  expect(state).not.toContain("__config");
  await succeed(stack.destroy());
  expect(living(sim)).toEqual([]);
});
