/** Virtual time for the processes of a stack: a preload advances a clock instead of waiting. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The environment variables that put program and provider on a simulator's clock, or on real time without a URL. */
export function clockEnvironment(url: string | undefined, nodeOptions: string | undefined): Record<string, string> {
  const before = nodeOptions ?? process.env["NODE_OPTIONS"] ?? "";
  if (url === undefined) return before === "" ? {} : { NODE_OPTIONS: before };
  const preload = ["clock-preload.cjs", "clock-preload.cts"].map((name) => join(__dirname, name)).find(existsSync);
  if (preload === undefined)
    throw new Error("the preload for virtual time is missing from the package: reinstall pulumi-ona");
  return {
    NODE_OPTIONS: `${before} --require ${JSON.stringify(preload)}`.trim(),
    PULUMI_ONA_CLOCK_URL: url,
  };
}
