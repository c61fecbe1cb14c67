/**
 * The entry `pulumi-ona/provider`: what the engine's provider process loads, by the text that every resource of ours carries in state. Its exports keep their names for
 * ever.
 */
import { dynamicProvider } from "./dynamic/host.js";
import { warmPoolBinding } from "./warm-pool/binding.js";

/** The provider of warm pools. */
export const warmPool = dynamicProvider(warmPoolBinding);
