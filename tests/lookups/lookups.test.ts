/** The functions that look up projects, environment classes, and the identity, against the simulator. */
import * as ona from "../../src/index.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";

const id = (last: number) => `6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d${last}`;

const projects: SimulatorOptions["projects"] = [
  {
    id: id(11),
    name: "storefront",
    repositoryUrls: ["https://git.example/shop.git"],
    environmentClasses: [
      { id: id(21), name: "regular", runnerId: id(31), description: "4 cores", configuration: { cores: "4" } },
      { id: id(22), name: "large", runnerId: id(31), prebuilds: false },
    ],
  },
  {
    id: id(12),
    name: "data-platform",
    prebuildsEnabled: false,
    environmentClasses: [
      { id: id(23), name: "regular", runnerId: id(32) },
      { id: id(24), name: "gpu", runnerId: id(32), enabled: false },
    ],
  },
  { id: id(13), name: "docs", repositoryUrls: ["https://git.example/docs", "https://git.example/shop.git/"] },
  { id: id(14), name: "docs", repositoryUrls: [], environmentClasses: [] },
];

let simulator: Simulator;
const environment = { ...process.env };

beforeEach(async () => {
  simulator = await startSimulator({ projects, now: Date.UTC(2026, 0, 1) });
  Object.assign(process.env, simulator.env);
});

afterEach(async () => {
  process.env = environment;
  await simulator.close();
});

const calls = () => simulator.requests.map(({ rpc }) => rpc);

test("getProject finds a project by its id, its name, and a repository", async () => {
  const project = {
    id: id(11),
    name: "storefront",
    organizationId: expect.any(String) as string,
    repositoryUrls: ["https://git.example/shop.git"],
    environmentClassIds: [id(21), id(22)],
    defaultEnvironmentClassId: id(21),
    prebuilds: { enabled: true, environmentClassIds: [id(21)] },
    creatorId: expect.any(String) as string,
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
  };
  expect(await ona.getProject({ id: id(11).toUpperCase() })).toEqual(project);
  expect(await ona.getProject({ name: "storefront" })).toEqual(project);
  expect(await ona.getProject({ repository: "https://git.example/docs.git" })).toMatchObject({ id: id(13) });
  expect(await ona.getProject({ id: id(12) })).toMatchObject({ prebuilds: { enabled: false } });
});

test.each<[args: object, said: string]>([
  [
    { name: "Storefront" },
    'There is no project named "Storefront" that the token can read. The closest name is "storefront".',
  ],
  [
    { repository: "https://git.example/x" },
    'There is no project with the repository "https://git.example/x" that the token can read.',
  ],
  [
    { name: "docs" },
    `There are 2 projects named "docs". Use the id of one of them: ${id(13)} (https://git.example/docs, https://git.example/shop.git/), ${id(14)} (no repository).`,
  ],
  [
    { repository: "https://git.example/shop/" },
    `There are 2 projects with the repository "https://git.example/shop/". Use the id of one of them: ${id(11)} (storefront, https://git.example/shop.git), ${id(13)} (docs, https://git.example/docs, https://git.example/shop.git/).`,
  ],
  [{}, "getProject takes one of id, name and repository"],
  [{ id: id(11), name: "docs" }, "getProject takes one of id, name and repository"],
  [{ id: "abc" }, "getProject: id must be a UUID such as "],
  [{ name: 7 }, "getProject: name must be a non-empty string"],
  [{ nam: "docs" }, "nam is not an argument of getProject. Did you mean name?"],
])("getProject(%j) fails with the reason", async (args, said) => {
  await expect(ona.getProject(args as ona.GetProjectArgs)).rejects.toThrow(said);
});

test("getProjects searches, filters by ids, and sorts by name", async () => {
  const namesOf = async (args: ona.GetProjectsArgs) => (await ona.getProjects(args)).projects.map(({ name }) => name);
  expect(await namesOf({})).toEqual(["data-platform", "docs", "docs", "storefront"]);
  expect(await namesOf({ search: "S" })).toEqual(["docs", "docs", "storefront"]);
  expect(await namesOf({ search: "s", ids: [id(11), id(12)] })).toEqual(["storefront"]);
  expect(await namesOf({ ids: [] })).toEqual([]);
  await expect(ona.getProjects({ search: "x".repeat(257) })).rejects.toThrow(
    "getProjects: search may have up to 256 characters",
  );
});

test("getEnvironmentClass finds a class by its id, and by its name among those of a project or runner", async () => {
  const regular = {
    id: id(21),
    name: "regular",
    description: "4 cores",
    runnerId: id(31),
    enabled: true,
    configuration: { cores: "4" },
  };
  expect(await ona.getEnvironmentClass({ id: id(21) })).toEqual(regular);
  expect(await ona.getEnvironmentClass({ name: "regular", projectId: id(11) })).toEqual(regular);
  expect(await ona.getEnvironmentClass({ name: "regular", runnerId: id(32) })).toMatchObject({ id: id(23) });
  expect(await ona.getEnvironmentClass({ name: "large", projectId: id(11), runnerId: id(31) })).toMatchObject({
    id: id(22),
  });
  expect(await ona.getEnvironmentClass({ name: "gpu" })).toMatchObject({ id: id(24), enabled: false });
});

test.each<[args: object, said: string]>([
  [
    { name: "regular" },
    `There are 2 environment classes named "regular". Use the id of one of them: ${id(21)} (runner ${id(31)}), ${id(23)} (runner ${id(32)}).`,
  ],
  [{ name: "Regular", projectId: id(13) }, `It can read "class-1".`],
  [
    { name: "Large", projectId: id(12) },
    `There is no environment class named "Large" in project "data-platform" (6f1c2f0e) that the token can read. It can read "regular", "gpu".`,
  ],
  [{ id: id(99) }, `There is no environment class ${id(99)} that the token can read.`],
  [
    { id: id(21), projectId: id(11) },
    "getEnvironmentClass takes either id, or name and optionally projectId and runnerId",
  ],
  [{ projectId: id(11) }, "getEnvironmentClass takes either id, or name and optionally projectId and runnerId"],
])("getEnvironmentClass(%j) fails with the reason", async (args, said) => {
  await expect(ona.getEnvironmentClass(args as ona.GetEnvironmentClassArgs)).rejects.toThrow(said);
});

test("a failed lookup has no stack trace, since Pulumi prints the stack of what rejects after the program's last line", async () => {
  await expect(ona.getProject({ name: "x" })).rejects.toMatchObject({
    stack: expect.stringMatching(/^There is no project named "x" [^\n]*$/) as string,
  });
});

test.each([
  ["permission_denied", "The token may not read names. Use ids instead"],
  [
    "unimplemented",
    "Use ids instead of names, or check that ona:baseUrl (or ONA_BASE_URL) is the address of an Ona API",
  ],
] as const)("a lookup that the API refuses with %s suggests ids", async (answer, advice) => {
  simulator.setUnknowns({ projectCalls: answer, environmentClassCalls: answer });
  await expect(ona.getProject({ name: "docs" })).rejects.toThrow(advice);
  await expect(ona.getEnvironmentClass({ name: "gpu" })).rejects.toThrow(advice);
});

test("getEnvironmentClasses filters by project, runners, and whether they are enabled", async () => {
  const idsOf = async (args: ona.GetEnvironmentClassesArgs) =>
    (await ona.getEnvironmentClasses(args)).environmentClasses.map((each) => each.id);
  expect(await idsOf({})).toEqual(expect.arrayContaining([21, 22, 23, 24].map(id)) as string[]);
  expect(await idsOf({ projectId: id(11) })).toEqual([id(22), id(21)]);
  expect(await idsOf({ runnerIds: [id(32)] })).toEqual([id(24), id(23)]);
  expect(await idsOf({ runnerIds: [id(32)], enabled: true })).toEqual([id(23)]);
  expect(await idsOf({ runnerIds: [] })).toEqual([]);
});

test("getIdentity says whose token it is", async () => {
  expect(await ona.getIdentity()).toEqual({
    id: expect.any(String) as string,
    principal: "USER",
    organizationId: (await ona.getProject({ id: id(11) })).organizationId,
    organizationTier: "enterprise",
  });
});

test("ten lookups by name take one List of each service, and a name that is missing in it one more", async () => {
  const ten = Array.from({ length: 10 });
  await Promise.all(ten.map(() => ona.getProject({ name: "storefront" })));
  await ona.getProject({ id: id(11) });
  await Promise.all(ten.map(() => ona.getEnvironmentClass({ name: "regular", projectId: id(11) })));
  await Promise.all(ten.map(() => ona.getIdentity()));
  expect(calls()).toEqual(["ListProjects", "ListEnvironmentClasses", "GetAuthenticatedIdentity"]);
  simulator.clearRequests();
  await Promise.allSettled(ten.map(() => ona.getProject({ name: "new" })));
  expect(calls()).toEqual(["ListProjects"]);
});

test("a lookup after one that failed calls the API again", async () => {
  simulator.fault({ rpc: "ListProjects", error: { code: "permission_denied" } });
  await expect(ona.getProject({ name: "storefront" })).rejects.toThrow("permission_denied");
  expect(await ona.getProject({ name: "storefront" })).toMatchObject({ id: id(11) });
});
