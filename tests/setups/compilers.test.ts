/** The TypeScript versions and compiler settings that programs may have. All check the declarations of libraries. */
import { testSetups } from "../support/setup.js";

const packages = { "@pulumi/pulumi": "3.270.0", "@types/node": "18", typescript: "5.9.3" };

/** What `pulumi new typescript` writes. */
const templateOptions = {
  strict: true,
  target: "es2020",
  module: "commonjs",
  moduleResolution: "node",
  sourceMap: true,
  experimentalDecorators: true,
  pretty: true,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  forceConsistentCasingInFileNames: true,
};

const program = `
  import { getWarmPoolOutput, OnaError, ProjectWarmPools, type ProjectWarmPoolsPool, WarmPool } from "pulumi-ona";
  const web = new WarmPool("web", { projectId: "p", environmentClassId: "e", minSize: 1 });
  const shared = WarmPool.get("shared", web.id);
  export const sizes = [web.maxSize, shared.minSize, getWarmPoolOutput({ id: web.id }).desiredSize];
  const own = new ProjectWarmPools("own", { projectId: "p", pools: { regular: { environmentClassId: "e" } }, prebuild: true });
  export const own1 = [own.pools.regular.phase, own.prebuilds.regular?.phase];
  // @ts-expect-error There is no pool with that name.
  export const own2 = own.pools.large;
  const some: Record<string, ProjectWarmPoolsPool> = {};
  export const own3 = new ProjectWarmPools("some", { projectId: "p", pools: some }).pools["any"].phase;
  // @ts-expect-error A read-only resource has no volatile outputs.
  export const phase = shared.phase;
  export const isRefused = (error: unknown) => error instanceof OnaError && error.code === "permission_denied";`;

testSetups([
  {
    name: "a program compiles with the settings of Pulumi's TypeScript template",
    packages,
    files: {
      "tsconfig.json": JSON.stringify({ compilerOptions: templateOptions, files: ["index.ts"] }),
      "index.ts": program,
    },
    command: ["tsc", "--noEmit"],
  },
]);
