/** What is known about warm pools before their code is loaded. */
import type { ResourceTraits } from "../lifecycle/contract.js";

/** The traits of warm pools. `type` and `exportName` are in users' state and never change. */
export const warmPoolTraits = {
  kind: "warm pool",
  identity: ["projectId", "environmentClassId"],
  type: "pulumi-nodejs:dynamic/ona:WarmPool",
  exportName: "warmPool",
} as const satisfies ResourceTraits;
