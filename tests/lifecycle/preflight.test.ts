/** What a preview finds wrong with the project and the environment class of a new resource. */
import { OnaError, type OnaClient } from "../../src/client/index.js";
import { ResourceFailure } from "../../src/lifecycle/failures.js";
import { describeProblems, explainRefusal, type Findings, preflightOf } from "../../src/lifecycle/preflight.js";
import { FakeClock } from "../support/fake-clock.js";

type Project = NonNullable<Findings["project"]>;
type EnvironmentClass = Findings["classes"] extends ReadonlyMap<string, infer T> ? T : never;

const id = (last: number) => `6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d${last}`;
const storefront = id(11);
const [regular, large, gpu, unlisted] = [id(21), id(22), id(23), id(24)];
const organizationId = id(41);

function projectWith(configuration: object, more: object = {}): Project {
  return {
    id: storefront,
    metadata: { name: "storefront", organizationId },
    prebuildConfiguration: { enabled: true, environmentClassIds: [regular, large], ...configuration },
    desiredPhase: "ACTIVE",
    ...more,
  } as unknown as Project;
}

const classOf = (classId: string, displayName: string, runnerId: string, enabled = true) =>
  [classId, { id: classId, displayName, runnerId, enabled }] as unknown as [string, EnvironmentClass];
const classes = new Map([
  classOf(regular, "Regular", id(31)),
  classOf(large, "Large", id(31), false),
  classOf(gpu, "GPU", id(32)),
  classOf(id(25), "Small", id(31)),
]);

const project = `project storefront (${storefront})`;
const notIn = `which is not in the prebuild configuration of ${project}`;

test.each<[what: string, classId: string | undefined, findings: Partial<Findings>, problems: readonly string[]]>([
  ["nothing if the class is in the configuration", regular, {}, []],
  ["nothing if the API chooses the class", undefined, {}, []],
  ["nothing about a class in the configuration that can't be read", regular, { classes: new Map() }, []],
  [
    "a project that can't be read, and the token's organization",
    regular,
    { project: undefined, organizationId },
    [
      `projectId is ${storefront}, but the token cannot read that project. The token belongs to organization ${organizationId}`,
    ],
  ],
  [
    "a project that can't be read, if the organization isn't known",
    regular,
    { project: undefined },
    [
      `projectId is ${storefront}, but the token cannot read that project. Check the id, and which organization the token belongs to`,
    ],
  ],
  [
    "only the deletion of a project",
    gpu,
    { project: projectWith({ enabled: false }, { desiredPhase: "DELETED" }) },
    [`projectId is ${project}, which is being deleted. Use another one`],
  ],
  [
    "disabled prebuilds, if the API chooses the class",
    undefined,
    { project: projectWith({ enabled: false, environmentClassIds: [] }) },
    [`projectId is ${project}, which has prebuilds disabled. Enable them in its settings`],
  ],
  [
    "disabled prebuilds and a missing class",
    regular,
    { project: projectWith({ enabled: false, environmentClassIds: [] }) },
    [
      `projectId is ${project}, which has prebuilds disabled. Enable them in its settings`,
      `environmentClassId is Regular (${regular}), ${notIn}. Add it`,
    ],
  ],
  [
    "a missing class, and those present that aren't disabled",
    id(25),
    { project: projectWith({ environmentClassIds: [regular, large, gpu] }) },
    [`environmentClassId is Small (${id(25)}), ${notIn}. Add it, or use Regular (${regular}) or GPU (${gpu})`],
  ],
  [
    "a missing class on another runner",
    gpu,
    { project: projectWith({ environmentClassIds: [regular] }) },
    [
      `environmentClassId is GPU (${gpu}), ${notIn} and on a different runner than the classes there. Add it, or use Regular (${regular})`,
    ],
  ],
  [
    "a missing class by its id, if classes can't be read",
    unlisted,
    { classes: new Map() },
    [`environmentClassId is ${unlisted}, ${notIn}. Add it, or use ${regular} or ${large}`],
  ],
  [
    "a missing class by its id, if its name is empty",
    unlisted,
    { classes: new Map([classOf(unlisted, "", id(31))]), project: projectWith({ environmentClassIds: [] }) },
    [`environmentClassId is ${unlisted}, ${notIn}. Add it`],
  ],
  [
    "the first five of many classes present",
    unlisted,
    { project: projectWith({ environmentClassIds: [51, 52, 53, 54, 55, 56, 57].map(id) }) },
    [
      `environmentClassId is ${unlisted}, ${notIn}. Add it, or use ${[51, 52, 53, 54, 55].map(id).join(", ")} or one of 2 more`,
    ],
  ],
  [
    "a disabled class",
    large,
    {},
    [
      `environmentClassId is Large (${large}), which is disabled. Enable it on its runner, or use another class of ${project}`,
    ],
  ],
])("describes %s", (_what, environmentClassId, findings, problems) => {
  const inputs = { projectId: storefront, environmentClassId };
  expect(describeProblems(inputs, { project: projectWith({}), classes, ...findings })).toEqual(problems);
});

/** A client whose calls take some time, by name: those that aren't named never respond. */
function fakeClient(clock: FakeClock, tookMs: Readonly<Record<string, number>>, listed: readonly string[] = []) {
  const calls: string[] = [];
  const respond = async (call: string, signal: AbortSignal | undefined) => {
    calls.push(call);
    await clock.sleep(tookMs[call] ?? Infinity, signal);
  };
  const list = <T>(call: string, items: readonly T[]) =>
    async function* (signal: AbortSignal | undefined) {
      await respond(call, signal);
      yield* items;
    };
  const disabled = (projectId: string) => projectWith({ enabled: false }, { id: projectId });
  const client: Pick<OnaClient, "getProject" | "listProjects" | "listEnvironmentClasses" | "getIdentity"> = {
    getProject: async (projectId, { signal } = {}) => {
      await respond("GetProject", signal);
      return disabled(projectId);
    },
    listProjects: (_filter, { signal } = {}) => list("ListProjects", listed.map(disabled))(signal),
    listEnvironmentClasses: ({ signal } = {}) => list("ListEnvironmentClasses", [...classes.values()])(signal),
    getIdentity: async ({ signal } = {}) => {
      await respond("GetAuthenticatedIdentity", signal);
      return { subject: { id: id(61), principal: "USER" }, organizationId, organizationTier: undefined };
    },
  };
  return { calls, preflight: preflightOf(client, clock) };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const quick = { GetProject: 20, ListProjects: 20, ListEnvironmentClasses: 20, GetAuthenticatedIdentity: 20 };

test("resources of one project share one Get and one List of classes", async () => {
  const clock = new FakeClock();
  const { calls, preflight } = fakeClient(clock, quick);
  const inputs = { projectId: storefront, environmentClassId: regular };
  for (const found of await clock.run(Promise.all(numbers(10).map(() => preflight.findProblems(inputs)))))
    expect(found).toHaveLength(1);
  expect(await clock.run(preflight.findProblems(inputs))).toHaveLength(1);
  expect(calls).toEqual(["GetProject", "ListEnvironmentClasses"]);
});

test("a resource that leaves the class to the API makes one call", async () => {
  const clock = new FakeClock();
  const { calls, preflight } = fakeClient(clock, quick);
  expect(
    await clock.run(preflight.findProblems({ projectId: storefront, environmentClassId: undefined })),
  ).toHaveLength(1);
  expect(calls).toEqual(["GetProject"]);
});

test("the second project lists the first page of projects, and one that isn't there is read on its own", async () => {
  const clock = new FakeClock();
  const listed = numbers(150).map((n) => `project ${n}`);
  const { calls, preflight } = fakeClient(clock, quick, listed);
  for (const projectId of [storefront, "project 0", "project 99", "project 100", "project 100"])
    expect(await clock.run(preflight.findProblems({ projectId, environmentClassId: undefined }))).toHaveLength(1);
  expect(calls).toEqual(["GetProject", "ListProjects", "GetProject"]);
});

test("the checks of 100 projects, one after the other, wait 3 s for an API that doesn't respond", async () => {
  const clock = new FakeClock();
  const { calls, preflight } = fakeClient(clock, {});
  for (const n of numbers(100))
    expect(await clock.run(preflight.findProblems({ projectId: `project ${n}`, environmentClassId: regular }))).toEqual(
      [],
    );
  expect(clock.monotonic()).toBe(3_000);
  expect(calls).toEqual(["GetProject", "ListEnvironmentClasses"]);
});

test("checks of a slow API wait 3 s together, and the later ones find nothing", async () => {
  const clock = new FakeClock();
  const { preflight } = fakeClient(clock, { GetProject: 900, ListProjects: 900 });
  const found: number[] = [];
  for (const n of numbers(10)) {
    const problems = await clock.run(
      preflight.findProblems({ projectId: `project ${n}`, environmentClassId: undefined }),
    );
    found.push(problems.length);
    // The program works in between.
    await clock.advance(10_000);
  }
  expect(found).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("time in which several checks wait counts once", async () => {
  const clock = new FakeClock();
  const { preflight } = fakeClient(clock, { ...quick, GetProject: 400, ListProjects: 400 });
  const check = (n: number) => preflight.findProblems({ projectId: `project ${n}`, environmentClassId: regular });
  const found = await clock.run(Promise.all(numbers(50).map(check)));
  expect(found.map((each) => each.length)).toEqual(numbers(50).map(() => 1));
  expect(clock.monotonic()).toBe(800);
  expect(await clock.run(check(50))).toHaveLength(1);
});

const apiError = (code: "failed_precondition" | "not_found" | "permission_denied", origin: "api" | "http" = "api") =>
  new OnaError({ rpc: "CreateWarmPool", code, origin, detail: "no such class", advice: "Check everything" });

test.each(["failed_precondition", "not_found"] as const)("an error with %s names the problems", async (code) => {
  const error = await explainRefusal(apiError(code), async () => ["one problem", "another one"]);
  expect(error).toBeInstanceOf(ResourceFailure);
  expect((error as Error).message).toBe(
    `CreateWarmPool: the Ona API answered ${code}: no such class. one problem. another one.`,
  );
});

test("an error stays the same if there is no problem", async () => {
  const error = apiError("failed_precondition");
  expect(await explainRefusal(error, async () => [])).toBe(error);
});

test.each([apiError("permission_denied"), apiError("failed_precondition", "http"), new ResourceFailure("no")])(
  "an error that says nothing about the project causes no read: %s",
  async (error) => {
    const find = jest.fn(async () => ["a problem"]);
    expect(await explainRefusal(error, find)).toBe(error);
    expect(find).not.toHaveBeenCalled();
  },
);
