/** What is known about prebuilds before their code is loaded. */
import type { ResourceTraits } from "../lifecycle/contract.js";

/** The traits of prebuilds. `type` and `exportName` are in users' state and never change. */
export const prebuildTraits = {
  kind: "prebuild",
  type: "pulumi-nodejs:dynamic/ona:Prebuild",
  exportName: "prebuild",
} as const satisfies ResourceTraits;
