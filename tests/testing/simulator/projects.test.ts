/** Whose token a call has, the projects, and the environment classes. */
import type { SimulatorOptions } from "../../../src/testing/simulator/index.js";
import { call, nobody, simulate } from "./support.js";

const id = (last: number) => `6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d${last}`;

const projects: SimulatorOptions["projects"] = [
  {
    id: id(11),
    name: "storefront",
    repositoryUrls: ["https://git.example/shop.git"],
    environmentClasses: [
      { id: id(21), name: "regular", runnerId: id(31), description: "4 cores", configuration: { cores: "4" } },
      { id: id(22), name: "large", prebuilds: false },
    ],
  },
  {
    id: id(12),
    name: "storefront",
    prebuildsEnabled: false,
    environmentClasses: [
      { id: id(21), name: "regular" },
      { id: id(23), name: "gpu", enabled: false },
    ],
  },
];

test("GetAuthenticatedIdentity says who the token belongs to, and to which organization", async () => {
  const simulator = await simulate({ organizationId: id(41) });
  const { body } = await call(simulator, "GetAuthenticatedIdentity");
  const [{ id: projectId } = {}] = simulator.projects;
  const { body: created } = await call(simulator, "CreatePrebuild", { projectId, spec: {} });
  expect(body).toMatchObject({
    subject: { id: expect.any(String) as string, principal: "PRINCIPAL_USER" },
    organizationId: id(41),
  });
  expect(created.prebuild).toMatchObject({ metadata: { creator: body.subject, organizationId: id(41) } });
});

test("GetProject describes the classes, the repositories, and the prebuild configuration", async () => {
  const simulator = await simulate({ projects });
  expect((await call(simulator, "GetProject", { projectId: id(11) })).body).toEqual({
    project: {
      id: id(11),
      metadata: expect.objectContaining({ name: "storefront", createdAt: "2026-01-01T00:00:00Z" }) as object,
      initializer: { specs: [{ git: { remoteUri: "https://git.example/shop.git" } }] },
      environmentClass: { environmentClassId: id(21) },
      environmentClasses: [{ environmentClassId: id(21) }, { environmentClassId: id(22), order: 1 }],
      prebuildConfiguration: { enabled: true, environmentClassIds: [id(21)] },
      desiredPhase: "PROJECT_PHASE_ACTIVE",
    },
  });
  expect((await call(simulator, "GetProject", { projectId: nobody })).body.code).toBe("not_found");
  simulator.configureProject(id(11), { isBeingDeleted: true });
  expect((await call(simulator, "GetProject", { projectId: id(11) })).body).toMatchObject({
    project: { desiredPhase: "PROJECT_PHASE_DELETED" },
  });
  expect((await call(simulator, "CreatePrebuild", { projectId: id(11), spec: {} })).body.code).toBe(
    "failed_precondition",
  );
  simulator.configureProject(id(11), { environmentClassIds: [id(22)], prebuildsEnabled: false });
  expect((await call(simulator, "GetProject", { projectId: id(11) })).body).toMatchObject({
    project: {
      environmentClasses: [{ environmentClassId: id(21) }, { environmentClassId: id(22), order: 1 }],
      prebuildConfiguration: { environmentClassIds: [id(22)] },
    },
  });
});

test.each<[what: string, filter: object, found: number[]]>([
  ["everything", {}, [11, 12]],
  ["ids", { projectIds: [id(12)] }, [12]],
  ["a search", { search: "FRONT" }, [11, 12]],
  ["a search without a match", { search: "shop" }, []],
  ["repositories", { specRemoteUris: ["https://git.example/shop.git"] }, [11]],
  ["runners", { runnerIds: [id(31)] }, [11]],
  ["creators", { creatorIds: [nobody] }, []],
])("ListProjects finds %s", async (_what, filter, found) => {
  const simulator = await simulate({ projects });
  const { body } = await call(simulator, "ListProjects", { filter });
  expect(((body.projects ?? []) as { id: string }[]).map((each) => each.id)).toEqual(found.map(id));
});

test.each<[what: string, filter: object, found: number[]]>([
  ["those of all projects, each once", {}, [21, 22, 23]],
  ["those of a runner", { runnerIds: [id(31)] }, [21]],
  ["enabled ones", { enabled: true }, [21, 22]],
  ["disabled ones", { enabled: false }, [23]],
])("ListEnvironmentClasses finds %s", async (_what, filter, found) => {
  const simulator = await simulate({ projects });
  const { body } = await call(simulator, "ListEnvironmentClasses", { filter });
  expect(((body.environmentClasses ?? []) as { id: string }[]).map((each) => each.id)).toEqual(found.map(id));
  const [first] = (body.environmentClasses ?? []) as { id: string }[];
  if (first?.id === id(21))
    expect(first).toEqual({
      id: id(21),
      displayName: "regular",
      description: "4 cores",
      configuration: [{ key: "cores", value: "4" }],
      runnerId: id(31),
      enabled: true,
    });
});

test("both Lists have pages", async () => {
  const simulator = await simulate({ projects });
  for (const [rpc, name] of [
    ["ListProjects", "projects"],
    ["ListEnvironmentClasses", "environmentClasses"],
  ] as const) {
    const { body } = await call(simulator, rpc, { pagination: { pageSize: 1 } });
    const { nextToken = "" } = (body.pagination ?? {}) as { nextToken?: string };
    expect(nextToken).not.toBe("");
    const next = await call(simulator, rpc, { pagination: { pageSize: 1, token: nextToken } });
    expect(body[name]).not.toEqual(next.body[name]);
  }
});
