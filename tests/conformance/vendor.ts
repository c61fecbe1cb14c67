/** The vendor's SDK in a virtual environment, and the scripts of this folder that run in it. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const root = join(__dirname, "../..");
const environment = join(root, ".cache/conformance-venv");
const python = join(environment, "bin/python");
const requirements = join(__dirname, "requirements.txt");
const stamp = join(environment, "installed.txt");

/** Creates the virtual environment, unless it already has what requirements.txt lists. */
export function prepareVendor(): void {
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(environment, { recursive: true, force: true });
  execFileSync("python3", ["-m", "venv", environment], { stdio: ["ignore", "ignore", "inherit"] });
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
  execFileSync(python, install, { stdio: ["ignore", "ignore", "inherit"] });
  writeFileSync(stamp, wanted);
}

/** Runs a script of this folder and returns the JSON that it prints. */
export async function runScript(script: string, args: string[], env: Record<string, string> = {}): Promise<unknown> {
  return JSON.parse(await runPython([join(__dirname, script), ...args], env));
}

/** Runs the interpreter and returns what it prints. */
export async function runPython(args: string[], env: Record<string, string>): Promise<string> {
  const child = start(args, env);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`python ${args[0]} ended with ${code}`);
  return output;
}

/** Starts a script that serves on loopback until it is stopped. */
export async function serveScript(
  script: string,
  args: string[] = [],
): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = start([join(__dirname, script), ...args], {});
  if (child.stdout === null) throw new Error(`${script} has no output`);
  const [port] = await Promise.race([
    createInterface(child.stdout)
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }: IteratorResult<string, unknown>) => [value]),
    new Promise<never>((_, reject) => child.on("error", reject)),
  ]);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    stop: async () => {
      const closed = new Promise((resolve) => child.on("close", resolve));
      child.kill();
      await closed;
    },
  };
}

function start(args: string[], env: Record<string, string>): ChildProcess {
  return spawn(python, args, {
    // Servers end when stdin closes, even if this process is killed.
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: "1" },
  });
}
