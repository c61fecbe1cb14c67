/** What keeps a stack that is tried against a simulator away from the real API, whatever its own settings say. */
import type { StackSimulator } from "./api-calls.js";
import type { ConfigOverride } from "./stack-config.js";

/** Variables of named connections. */
const connectionVariable = /^ONA_.+_(?:API_KEY|BASE_URL)$/;

/** The environment without what leads to other accounts. */
export function withoutConnections(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !connectionVariable.test(name)));
}

/**
 * What stands in place of the project's own config: token and address are left out, since the environment has them, and each of its connections leads to the simulator. Nothing
 * is decrypted for it.
 */
export function simulatedConfig({ env }: StackSimulator): ConfigOverride {
  return (key, value) => {
    if (key === "ona:apiKey" || key === "ona:baseUrl") return null;
    if (key !== "ona:connections") return undefined;
    const names = namesIn(value);
    if (names === undefined) return undefined;
    const simulated = { apiKey: env["ONA_API_KEY"], baseUrl: env["ONA_BASE_URL"] };
    return { value: JSON.stringify(Object.fromEntries(names.map((name) => [name, simulated]))), secret: true };
  };
}

/** The names of connections; undefined where the value is malformed, which the provider says better. */
function namesIn(value: unknown): string[] | undefined {
  if (typeof value === "string") return namesIn(parse(value));
  return typeof value === "object" && value !== null ? Object.keys(value) : undefined;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? undefined : value;
  } catch {
    return undefined;
  }
}
