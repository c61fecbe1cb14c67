/** Keeps a stack with a simulator away from the real API, whatever its own settings are. */
import type { StackSimulator } from "./api-calls.js";
import type { ConfigOverride } from "./stack-config.js";

/** Environment variables of named connections. */
const connectionVariable = /^ONA_.+_(?:API_KEY|BASE_URL)$/;

/** The environment without named connections, which lead to other accounts. */
export function withoutConnections(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !connectionVariable.test(name)));
}

/**
 * Overrides the project's own config: omits token and address, which the environment has, and leads each connection to
 * the simulator. Nothing is decrypted.
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

/** The names of connections. Undefined if the value is malformed, so that the provider reports it. */
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
