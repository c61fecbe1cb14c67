/** Virtual time for the processes of a stack: a preload advances a clock instead of waiting. */
import { preloadPath } from "./preload.js";

/** The environment variables that put program and provider on a simulator's clock, or on real time without a URL. */
export function clockEnvironment(url: string | undefined, nodeOptions: string | undefined): Record<string, string> {
  const options = nodeOptions ?? process.env["NODE_OPTIONS"] ?? "";
  if (url === undefined) return options === "" ? {} : { NODE_OPTIONS: options };
  return {
    NODE_OPTIONS: `${options} --require ${JSON.stringify(preloadPath("clock-preload"))}`.trim(),
    PULUMI_ONA_CLOCK_URL: url,
  };
}
