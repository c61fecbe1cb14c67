// The names of projects and environment classes for the demo's stack.

const variables = {
  webProject: "DEMO_WEB_PROJECT",
  apiProject: "DEMO_API_PROJECT",
  webClass: "DEMO_WEB_CLASS",
  webLargeClass: "DEMO_WEB_LARGE_CLASS",
  apiClass: "DEMO_API_CLASS",
};

/** Reads the names for the real API. Returns undefined if none is set and throws if only some are set. */
export function namesFromEnvironment(env) {
  const given = Object.entries(variables).filter(([, name]) => env[name]);
  if (given.length === 0) return undefined;
  const missing = [...Object.values(variables), "ONA_API_KEY"].filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`To run the demo against the real API, also set ${missing.join(", ")}.`);
  return Object.fromEntries(given.map(([key, name]) => [key, env[name]]));
}

/** The names of the simulator's two projects and their classes. */
export const simulatedNames = {
  webProject: "storefront",
  apiProject: "data-platform",
  webClass: "regular",
  webLargeClass: "large",
  apiClass: "large",
};
