/** The vendor's SDKs, each in a virtual environment, and the scripts of this folder that run in them. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import installPackage from "../support/consumer";

export const root = join(__dirname, "../..");
const environmentOf = (name: string) => join(root, ".cache", name);
const pythonOf = (name: string) => join(environmentOf(name), "bin/python");
const current = "conformance-venv";
/** The environment of the older SDK, whose modules have the same names. */
export const older = "conformance-older-venv";

/** Jest's global setup, so that suites that start together don't create the same environment. */
export default function setup(): void {
  installPackage();
  prepare(current, "requirements.txt");
  prepare(older, "requirements-older.txt");
}

/** Creates a virtual environment, unless it already has what a file lists. */
function prepare(name: string, list: string): void {
  const requirements = join(__dirname, list);
  const wanted = readFileSync(requirements, "utf8");
  const stamp = join(environmentOf(name), "installed.txt");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(environmentOf(name), { recursive: true, force: true });
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  // Installing pip takes longer than the SDK, so one environment lends it to the others.
  run("python3", ["-m", "venv", ...(name === current ? [] : ["--without-pip"]), environmentOf(name)]);
  const pip = ["-m", "pip", "--python", pythonOf(name), "--disable-pip-version-check"];
  run(pythonOf(current), [...pip, "install", "--quiet", "-r", requirements]);
  writeFileSync(stamp, wanted);
}

/** Runs a script of this folder and returns the JSON that it prints. */
export async function runScript(
  script: string,
  args: string[],
  env: Record<string, string> = {},
  environment = current,
): Promise<unknown> {
  return JSON.parse(await runPython([join(__dirname, script), ...args], env, environment));
}

/** Runs the interpreter and returns what it prints. */
export async function runPython(args: string[], env: Record<string, string>, environment = current): Promise<string> {
  const child = start(args, env, environment);
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

function start(args: string[], env: Record<string, string>, environment = current): ChildProcess {
  return spawn(pythonOf(environment), args, {
    // Servers end when stdin closes, even if this process is killed.
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: "1" },
  });
}
