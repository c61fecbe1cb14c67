/** The RPCs around warm pools: whose token a call has, the projects, and the environment classes. */
import { create, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { EnvironmentService } from "./gen/gitpod/v1/environment_pb.js";
import { type IdentityService, Principal } from "./gen/gitpod/v1/identity_pb.js";
import {
  ListProjectsRequest_FilterSchema,
  ProjectPhase,
  type ProjectSchema,
  type ProjectService,
} from "./gen/gitpod/v1/project_pb.js";
import {
  type EnvironmentClassSchema,
  ListEnvironmentClassesRequest_FilterSchema,
} from "./gen/gitpod/v1/runner_configuration_pb.js";
import { page } from "./pagination.js";
import { isAmong, type ServiceState } from "./prebuild-service.js";
import { type EnvironmentClass, type Project, userId } from "./seed-projects.js";
import { timestampAt, type World } from "./world.js";

const user = { id: userId, principal: Principal.USER };

/** Answers whose token a call has. */
export function identityService({ world }: ServiceState): ServiceImpl<typeof IdentityService> {
  return {
    getAuthenticatedIdentity: () => ({
      subject: user,
      organizationId: world.organizationId,
      organizationTier: "enterprise",
    }),
  };
}

/** Reads projects. */
export function projectService({ world }: ServiceState): ServiceImpl<typeof ProjectService> {
  return {
    getProject: ({ projectId }) => ({ project: messageOf(world, world.project(projectId)) }),
    listProjects: ({ pagination, filter = create(ListProjectsRequest_FilterSchema) }) => {
      const search = filter.search.toLowerCase();
      const searched = ({ name, repositoryUrls }: Project) =>
        world.unknowns.projectSearch === "name" ? [name] : [name, ...repositoryUrls];
      const { items, pagination: next } = page({
        items: world.projects.filter(
          (project) =>
            isAmong(project.id, filter.projectIds) &&
            searched(project).some((field) => field.toLowerCase().includes(search)) &&
            hasAny(
              project.classes.map(({ runnerId }) => runnerId),
              filter.runnerIds,
            ) &&
            hasAny(project.repositoryUrls, filter.specRemoteUris) &&
            isAmong(userId, filter.creatorIds),
        ),
        order: (project) => world.projects.indexOf(project),
        direction: world.unknowns.listOrder,
        filter: `projects ${toJsonString(ListProjectsRequest_FilterSchema, filter)}`,
        pagination,
      });
      return { projects: items.map((project) => messageOf(world, project)), pagination: next };
    },
  };
}

/** Lists the environment classes of all runners. */
export function environmentService({ world }: ServiceState): ServiceImpl<typeof EnvironmentService> {
  return {
    listEnvironmentClasses: ({ pagination, filter = create(ListEnvironmentClassesRequest_FilterSchema) }) => {
      const all = classesOf(world);
      const { items, pagination: next } = page({
        items: all.filter(
          ({ runnerId, enabled }) =>
            isAmong(runnerId, filter.runnerIds) && (filter.enabled === undefined || filter.enabled === enabled),
        ),
        order: (environmentClass) => all.indexOf(environmentClass),
        direction: world.unknowns.listOrder,
        filter: `classes ${toJsonString(ListEnvironmentClassesRequest_FilterSchema, filter)}`,
        pagination,
      });
      return { environmentClasses: items.map(classMessageOf), pagination: next };
    },
  };
}

/** All classes, each once. */
function classesOf({ projects }: World): readonly EnvironmentClass[] {
  const all = projects.flatMap(({ classes }) => classes);
  return all.filter(({ id }, place) => all.findIndex((other) => other.id === id) === place);
}

function hasAny<T>(values: readonly T[], wanted: readonly T[]): boolean {
  return wanted.length === 0 || values.some((value) => wanted.includes(value));
}

function messageOf(world: World, project: Project): MessageInitShape<typeof ProjectSchema> {
  const created = timestampAt(world.startedAt);
  const classOf = ({ id }: EnvironmentClass, order: number) => ({
    environmentClass: { case: "environmentClassId" as const, value: id },
    order,
  });
  const classes = project.classes.map(classOf);
  return {
    id: project.id,
    metadata: {
      organizationId: world.organizationId,
      name: project.name,
      creator: user,
      createdAt: created,
      updatedAt: created,
    },
    initializer: {
      specs: project.repositoryUrls.map((remoteUri) => ({ spec: { case: "git" as const, value: { remoteUri } } })),
    },
    environmentClass: classes[0],
    environmentClasses: classes,
    prebuildConfiguration: {
      enabled: project.prebuildsEnabled,
      environmentClassIds: project.environmentClasses.map(({ id }) => id),
    },
    desiredPhase: project.isBeingDeleted ? ProjectPhase.DELETED : ProjectPhase.ACTIVE,
  };
}

function classMessageOf(each: EnvironmentClass): MessageInitShape<typeof EnvironmentClassSchema> {
  return {
    id: each.id,
    displayName: each.name,
    description: each.description,
    runnerId: each.runnerId,
    enabled: each.enabled,
    configuration: Object.entries(each.configuration).map(([key, value]) => ({ key, value })),
  };
}
