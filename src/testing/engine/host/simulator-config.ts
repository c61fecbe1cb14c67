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
 * the simulator. One that has a token but no address still has none, as in the real stack. Nothing is decrypted.
 */
export function simulatedConfig({ env }: StackSimulator): ConfigOverride {
  return (key, value) => {
    if (key === "ona:apiKey" || key === "ona:baseUrl") return null;
    if (key !== "ona:connections") return undefined;
    const connections = objectIn(value);
    if (connections === undefined) return undefined;
    const [apiKey, baseUrl] = [env["ONA_API_KEY"], env["ONA_BASE_URL"]];
    const simulated = Object.entries(connections).map(([name, connection]) => {
      const own = objectIn(connection) ?? {};
      return [name, "apiKey" in own && !("baseUrl" in own) ? { apiKey } : { apiKey, baseUrl }];
    });
    return { value: JSON.stringify(Object.fromEntries(simulated)), secret: true };
  };
}

/** The connections. Undefined if the value is malformed, so that the provider reports it. */
function objectIn(value: unknown): object | undefined {
  if (typeof value === "string") return objectIn(parse(value));
  return typeof value === "object" && value !== null ? value : undefined;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? undefined : value;
  } catch {
    return undefined;
  }
}
