/** Starts `pulumi-ona simulate` of the installed package. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** The binary of the installed package. */
export const command = join(process.env["PULUMI_ONA_CONSUMER"] ?? "", "node_modules/pulumi-ona/dist/cli/main.js");

const started: ChildProcess[] = [];

/** Kills all simulators started here. */
export function stopAll(): void {
  for (const child of started.splice(0)) child.kill("SIGKILL");
}

/** Starts a simulator and waits for its instructions. */
export async function simulate(...options: string[]): Promise<{ child: ChildProcess; text: string }> {
  const child = spawn(process.execPath, [command, "simulate", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes("Ctrl+C")) break;
  }
  return { child, text };
}

/** The environment variables that the printed commands set. */
export function exported(text: string): Record<string, string> {
  const lines = [...text.matchAll(/export (\w+)=(\S+)/g)];
  return Object.fromEntries(lines.map(([, name = "", value = ""]): [string, string] => [name, value]));
}
