// The projects and environment classes that the demo's stack is configured with.

const variables = {
  webProject: "DEMO_WEB_PROJECT",
  apiProject: "DEMO_API_PROJECT",
  webClass: "DEMO_WEB_CLASS",
  webLargeClass: "DEMO_WEB_LARGE_CLASS",
  apiClass: "DEMO_API_CLASS",
};

/** The ids that a person gave for the real API; undefined without any, an error with some of them. */
export function idsFromEnvironment(env) {
  const given = Object.entries(variables).filter(([, name]) => env[name]);
  if (given.length === 0) return undefined;
  const missing = [...Object.values(variables), "ONA_API_KEY"].filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`For the real API these are needed too: ${missing.join(", ")}`);
  return Object.fromEntries(given.map(([key, name]) => [key, env[name]]));
}

/** Ids of the simulator's two projects. */
export function simulatedIds([web, api]) {
  const [webClass, webLargeClass] = web.environmentClassIds;
  return { webProject: web.id, apiProject: api.id, webClass, webLargeClass, apiClass: api.environmentClassIds[0] };
}
