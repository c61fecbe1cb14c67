/** Starts `pulumi-ona simulate` of the installed package. */
import { join } from "node:path";
import { spawnNode, type NodeProcess } from "./spawn-node.js";

/** The binary of the installed package. */
export const command = join(process.env["PULUMI_ONA_CONSUMER"] ?? "", "node_modules/pulumi-ona/dist/cli/main.js");

const started: NodeProcess[] = [];

/** Kills all simulators started here. */
export function stopAll(): void {
  for (const child of started.splice(0)) child.kill("SIGKILL");
}

/** Starts a simulator and waits for its instructions. */
export async function simulate(...options: string[]): Promise<{ child: NodeProcess; text: string }> {
  const child = spawnNode([command, "simulate", ...options]);
  child.stderr.pipe(process.stderr);
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
