/** The entry point of the native provider `ona`: the build bundles it into the executable `pulumi-resource-ona`. */
import { join } from "node:path";
import type { NativeFunction } from "./hosts/native/provider.js";
import { serve } from "./hosts/native/serve.js";
import { secret } from "./hosts/native/values.js";
import { prebuildTraits } from "./prebuild/traits.js";
import { warmPoolTraits } from "./warm-pool/traits.js";

const pools = () => import("./warm-pool/find-warm-pools.js");
const prebuilds = () => import("./prebuild/find-prebuilds.js");
const projects = () => import("./lookups/find-project.js");
const classes = () => import("./lookups/find-environment-class.js");

const functions: Record<string, NativeFunction> = {
  getWarmPool: { load: async () => (await pools()).findWarmPool },
  getWarmPools: { load: async () => (await pools()).listWarmPools },
  getPrebuild: { load: async () => (await prebuilds()).findPrebuild },
  getPrebuilds: { load: async () => (await prebuilds()).listPrebuilds },
  getLatestPrebuild: {
    load: async () => (await prebuilds()).findLatestPrebuild,
    wrap: (prebuild) => (prebuild === undefined ? {} : { prebuild }),
  },
  getPrebuildLogsToken: {
    load: async () => (await prebuilds()).createLogsToken,
    wrap: (token) => ({ token: secret(String(token)) }),
  },
  getProject: { load: async () => (await projects()).findProject },
  getProjects: { load: async () => (await projects()).listProjects },
  getEnvironmentClass: { load: async () => (await classes()).findEnvironmentClass },
  getEnvironmentClasses: { load: async () => (await classes()).listEnvironmentClasses },
  getIdentity: { load: async () => (await import("./lookups/find-identity.js")).findIdentity },
};

/** A filter of one value, or none. */
const only = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: [value] });

serve(
  {
    resources: {
      WarmPool: {
        traits: warmPoolTraits,
        load: async () => (await import("./warm-pool/binding.js")).warmPoolBinding,
        list: async ({ projectId, environmentClassId }, context) => {
          const filter = { ...only("projectIds", projectId), ...only("environmentClassIds", environmentClassId) };
          return (await (await pools()).listWarmPools(filter, context)).warmPools;
        },
        findId: async (text, context) => {
          const { findPair } = await import("./lookups/find-pair.js");
          return (await (await pools()).findWarmPool(await findPair(text, context), context)).id;
        },
      },
      Prebuild: {
        traits: prebuildTraits,
        load: async () => (await import("./prebuild/binding.js")).prebuildBinding,
        list: async ({ projectId, phase }, context) => {
          const { phases } = await import("./prebuild/outputs.js");
          const known = phases.find((each) => each.toLowerCase() === phase);
          const filter = { ...only("projectIds", projectId), ...only("phases", known) };
          return (await (await prebuilds()).listPrebuilds(filter, context)).prebuilds;
        },
      },
    },
    functions,
    schemaFile: join(__dirname, "schema.json"),
  },
  process.argv.slice(2),
);
