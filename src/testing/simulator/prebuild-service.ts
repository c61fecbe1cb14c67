/** The RPCs of prebuilds and warm pools: from a valid request to the state and back to a response. */
import { create, toJsonString } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  ListPrebuildsRequest_FilterSchema,
  ListWarmPoolsRequest_FilterSchema,
  PrebuildPhase,
  WarmPoolPhase,
  type PrebuildService,
} from "./gen/gitpod/v1/prebuild_pb.js";
import { page } from "./pagination.js";
import type { LogTokens } from "./log-server.js";
import type { Pools } from "./pools.js";
import type { Prebuilds } from "./prebuilds.js";
import { userId } from "./seed-projects.js";
import type { World } from "./world.js";

/** The state that the RPCs read and change. */
export interface ServiceState {
  world: World;
  pools: Pools;
  prebuilds: Prebuilds;
  logTokens: LogTokens;
}

/** The service as connect-node serves it. */
export function prebuildService({ world, pools, prebuilds, logTokens }: ServiceState): Impl {
  return {
    createWarmPool: (request) => ({ warmPool: pools.create(request) }),
    getWarmPool: ({ warmPoolId }) => ({ warmPool: pools.get(warmPoolId) }),
    updateWarmPool: (request) => ({ warmPool: pools.update(request.warmPoolId, request) }),
    deleteWarmPool: ({ warmPoolId }) => {
      pools.delete(warmPoolId);
      return {};
    },
    listWarmPools: ({ pagination, filter = create(ListWarmPoolsRequest_FilterSchema) }) => {
      const { deletedPool, listDeleted, listOrder } = world.unknowns;
      const showsDeleted = deletedPool === "deleted" && listDeleted === "shown";
      const { items, pagination: next } = page({
        items: pools
          .all()
          .filter(
            ({ metadata, status }) =>
              (showsDeleted || status.phase !== WarmPoolPhase.DELETED) &&
              isAmong(metadata.projectId, filter.projectIds) &&
              isAmong(metadata.environmentClassId, filter.environmentClassIds),
          ),
        order: (pool) => pools.order(pool),
        direction: listOrder,
        filter: `pools ${toJsonString(ListWarmPoolsRequest_FilterSchema, filter)}`,
        pagination,
      });
      return { warmPools: items, pagination: next };
    },
    createPrebuild: ({ projectId, environmentClassId, spec }) => {
      const timeoutSeconds = spec?.timeout === undefined ? undefined : Number(spec.timeout.seconds);
      return { prebuild: prebuilds.create({ projectId, environmentClassId, timeoutSeconds, creatorId: userId }) };
    },
    getPrebuild: ({ prebuildId }) => ({ prebuild: prebuilds.get(prebuildId) }),
    cancelPrebuild: ({ prebuildId }) => ({ prebuild: prebuilds.cancel(prebuildId) }),
    deletePrebuild: ({ prebuildId }) => {
      prebuilds.delete(prebuildId);
      return {};
    },
    createPrebuildLogsToken: ({ prebuildId }) => {
      prebuilds.log(prebuildId);
      return { accessToken: logTokens.issue(prebuildId) };
    },
    listPrebuilds: ({ pagination, filter = create(ListPrebuildsRequest_FilterSchema) }) => {
      const { deletedPrebuild, listDeleted, listOrder } = world.unknowns;
      const showsDeleted = deletedPrebuild === "deleted" && listDeleted === "shown";
      const { items, pagination: next } = page({
        items: prebuilds
          .all()
          .filter(
            ({ metadata, status }) =>
              (showsDeleted || status.phase !== PrebuildPhase.DELETED) &&
              isAmong(metadata.projectId, filter.projectIds) &&
              isAmong(status.phase, filter.phases) &&
              isAmong(metadata.triggeredBy, filter.triggeredBy) &&
              isAmong(metadata.creator?.id, filter.creatorIds) &&
              isAmong(metadata.executor?.id, filter.executorIds),
          ),
        order: (prebuild) => prebuilds.order(prebuild),
        direction: listOrder,
        filter: `prebuilds ${toJsonString(ListPrebuildsRequest_FilterSchema, filter)}`,
        pagination,
      });
      return { prebuilds: items, pagination: next };
    },
  };
}

type Impl = ServiceImpl<typeof PrebuildService>;

/** Whether a value is in a list of a filter, where an empty list lets everything through. */
export function isAmong<T>(value: T | undefined, wanted: T[]): boolean {
  return wanted.length === 0 || (value !== undefined && wanted.includes(value));
}
