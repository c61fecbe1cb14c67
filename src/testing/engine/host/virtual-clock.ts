/** Virtual time for the processes of a stack: a preload that makes waits take no time. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The environment that puts program and provider on a simulator's clock, or leaves them on that of the machine. */
export function clockEnvironment(url: string | undefined, nodeOptions: string | undefined): Record<string, string> {
  const before = nodeOptions ?? process.env["NODE_OPTIONS"] ?? "";
  if (url === undefined) return before === "" ? {} : { NODE_OPTIONS: before };
  const preload = ["clock-preload.cjs", "clock-preload.cts"].map((name) => join(__dirname, name)).find(existsSync);
  if (preload === undefined) throw new Error("the preload for virtual time is missing from the package");
  return {
    NODE_OPTIONS: `${before} --require ${JSON.stringify(preload)}`.trim(),
    PULUMI_ONA_CLOCK_URL: url,
  };
}
