/**
 * The entry `pulumi-ona/provider`: what the engine's provider process loads, by the text that every resource of ours carries in state. Its exports keep their names for
 * ever.
 */
import { dynamicProvider } from "./hosts/dynamic/provider.js";

/** The provider of warm pools. A process loads only the rooms of the resources that its stack has. */
export const warmPool = dynamicProvider(
  { kind: "warm pool", identity: ["projectId", "environmentClassId"] },
  async () => (await import("./warm-pool/binding.js")).warmPoolBinding,
);

/** The provider of prebuilds. */
export const prebuild = dynamicProvider(
  { kind: "prebuild" },
  async () => (await import("./prebuild/binding.js")).prebuildBinding,
);
