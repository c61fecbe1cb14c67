/** `pulumi-ona simulate` of the installed package, started as a person does. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** The binary of the installed package. */
export const command = join(process.env["PULUMI_ONA_CONSUMER"] ?? "", "node_modules/pulumi-ona/dist/cli/main.js");

const started: ChildProcess[] = [];

/** Ends every simulator that was started here. */
export function stopAll(): void {
  for (const child of started.splice(0)) child.kill("SIGKILL");
}

/** Starts it and waits until it has said how to use it. */
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

/** What the printed lines put into the environment of a shell. */
export function exported(text: string): Record<string, string> {
  const lines = [...text.matchAll(/export (\w+)=(\S+)/g)];
  return Object.fromEntries(lines.map(([, name = "", value = ""]): [string, string] => [name, value]));
}
