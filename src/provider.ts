/**
 * The entry point `pulumi-ona/provider`: what the engine's provider process loads, by the text that each resource has
 * in state. Its export names never change.
 */
import { startDynamicHost } from "./hosts/dynamic/provider.js";
import { prebuildTraits } from "./prebuild/traits.js";
import { warmPoolTraits } from "./warm-pool/traits.js";

const makeProvider = startDynamicHost();

/** The provider of warm pools. A process loads only the code of the resources that its stack has. */
export const warmPool = makeProvider(
  warmPoolTraits,
  async () => (await import("./warm-pool/binding.js")).warmPoolBinding,
);

/** The provider of prebuilds. */
export const prebuild = makeProvider(
  prebuildTraits,
  async () => (await import("./prebuild/binding.js")).prebuildBinding,
);
