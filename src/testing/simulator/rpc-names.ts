/** The services of the API, and the names and paths of their RPCs. */
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { EnvironmentService } from "./gen/gitpod/v1/environment_pb.js";
import { IdentityService } from "./gen/gitpod/v1/identity_pb.js";
import { PrebuildService } from "./gen/gitpod/v1/prebuild_pb.js";
import { ProjectService } from "./gen/gitpod/v1/project_pb.js";

/** The services, as far as proto/ describes them. No two have an RPC of the same name. */
const services = [PrebuildService, IdentityService, ProjectService, EnvironmentService] as const;

type MethodOf<Service> = Service extends { readonly method: infer Methods } ? keyof Methods & string : never;

/** All RPCs. */
export const rpcNames = [
  "CreatePrebuild",
  "ListPrebuilds",
  "GetPrebuild",
  "CancelPrebuild",
  "DeletePrebuild",
  "CreatePrebuildLogsToken",
  "CreateWarmPool",
  "GetWarmPool",
  "ListWarmPools",
  "UpdateWarmPool",
  "DeleteWarmPool",
  "GetAuthenticatedIdentity",
  "GetProject",
  "ListProjects",
  "ListEnvironmentClasses",
] as const satisfies readonly Capitalize<MethodOf<(typeof services)[number]>>[];

/** An RPC of the API. */
export type RPC = (typeof rpcNames)[number];

const methods: ReadonlyMap<string, DescMethodUnary> = new Map(
  services.flatMap(({ method }) => Object.values<DescMethodUnary>(method)).map((method) => [method.name, method]),
);

const isRpc = (name: string): name is RPC => rpcNames.some((rpc) => rpc === name);

/** The path of the API on the server. */
export const apiPath = "/api";

/** The RPC at a path. @internal */
export function rpcAt(path: string): { rpc: RPC; method: DescMethodUnary } | undefined {
  const rpc = path.slice(path.lastIndexOf("/") + 1);
  const method = methods.get(rpc);
  if (method === undefined || !isRpc(rpc)) return undefined;
  return path === `${apiPath}/${method.parent.typeName}/${rpc}` ? { rpc, method } : undefined;
}
