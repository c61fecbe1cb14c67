// Runs the demo's stack with the pulumi CLI through the Automation API, or with the test engine if there is no CLI.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStack } from "pulumi-ona/testing";

/** Opens a stack of the program in a folder. `run(command, options)` prints output and throws on an unexpected status. */
export async function openStack(options) {
  const version = cliVersion();
  return version === undefined ? openEngineStack(options) : openCliStack(options, version);
}

function cliVersion() {
  try {
    return execFileSync("pulumi", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

async function openEngineStack({ workDir, env, config }) {
  const stack = await createStack({ workDir, env, config, onOutput: (text) => process.stdout.write(text) });
  return {
    description: "this package's test engine, because there is no pulumi CLI on the PATH",
    setConfig: async (key, value) => stack.setConfig(`${stack.projectName}:${key}`, { value, secret: false }),
    async run(command, { expect = 0, ...options } = {}) {
      check(command, (await stack[command](options)).exitCode, expect);
    },
    close: () => stack.close(),
  };
}

async function openCliStack({ workDir, env, config }, version) {
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
  const home = mkdtempSync(join(tmpdir(), "pulumi-ona-demo-"));
  const envVars = {
    ...env,
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "demo",
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  const stack = await LocalWorkspace.createOrSelectStack({ stackName: "demo", workDir }, { envVars });
  await stack.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { value }])));
  return {
    description: `the pulumi CLI ${version}, with a local backend in a temporary folder`,
    setConfig: (key, value) => stack.setConfig(key, { value }),
    async run(command, { expect = 0, ...options } = {}) {
      const all = {
        color: "always",
        diff: command !== "destroy",
        onOutput: (text) => process.stdout.write(text),
        // With --diff, the CLI prints messages of providers here, including progress and errors.
        onError: (text) => process.stdout.write(text),
        ...options,
      };
      const status = await (
        command === "refresh" && options.previewOnly ? stack.previewRefresh(all) : stack[command](all)
      ).then(
        () => 0,
        // The Automation API throws for every status except 0, and reports it only in the message.
        (error) => Number(/exit code (\d+)/.exec(String(error))?.[1] ?? /code: (\d+)/.exec(String(error))?.[1] ?? 1),
      );
      check(command, status, expect);
    },
    async close() {
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function check(command, status, expected) {
  if (status !== expected) throw new Error(`pulumi ${command} exited with status ${status}; expected ${expected}.`);
  if (expected !== 0) console.log(`(exit status ${status})`);
}
