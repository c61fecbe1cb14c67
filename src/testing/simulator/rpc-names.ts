/** The names and paths of the RPCs. */
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { PrebuildService } from "./gen/gitpod/v1/prebuild_pb.js";

/** An RPC of gitpod.v1.PrebuildService. */
export type RPC = Capitalize<keyof typeof PrebuildService.method>;

const names = PrebuildService.methods.map((method) => method.name);

const isRpc = (name: string): name is RPC => names.includes(name);

/** All RPCs. */
export const rpcNames: readonly RPC[] = names.filter(isRpc);

/** The path of the API on the server. */
export const apiPath = "/api";

const methods: ReadonlyMap<string, DescMethodUnary> = new Map(
  Object.values(PrebuildService.method).map((method) => [method.name, method]),
);

/** The RPC at a path. */
export function rpcAt(path: string): { rpc: RPC; method: DescMethodUnary } | undefined {
  const prefix = `${apiPath}/${PrebuildService.typeName}/`;
  if (!path.startsWith(prefix)) return undefined;
  const rpc = path.slice(prefix.length);
  const method = methods.get(rpc);
  return method !== undefined && isRpc(rpc) ? { rpc, method } : undefined;
}
