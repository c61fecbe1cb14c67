/** What a preview reports about the project and the environment class of a new resource, and the error of `up`. */
import { type Simulator, startSimulator } from "../../src/testing/simulator/index";
import { type Bench, expectSettled, fail, startBench, succeed, token } from "../support/warm-pools";

const nobody = "6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d90";
const organizationId = "5a5c1b2e-7d0f-4c3e-9a52-3f1d2b7c8e90";

const projects = [
  {
    name: "storefront",
    environmentClasses: [
      { name: "Regular" },
      { name: "Large" },
      { name: "Small", enabled: false },
      { name: "GPU", prebuilds: false },
    ],
  },
  { name: "data-platform", environmentClasses: [{ name: "Large" }] },
];

const start = (more: { env?: Record<string, string | undefined>; config?: Record<string, string> } = {}) =>
  startBench({ simulator: { projects, organizationId }, stack: more });

const pool = ({ project, regular }: Bench, args: object = {}) => ({
  name: "web",
  args: { projectId: project, environmentClassId: regular, ...args },
});

/** The ids of the first project's classes: Regular, Large, Small, and GPU, which is not in its configuration. */
async function classIds(sim: Simulator): Promise<readonly string[]> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const request = { method: "POST", headers, body: "{}" };
  const response = await fetch(`${sim.url}/gitpod.v1.EnvironmentService/ListEnvironmentClasses`, request);
  sim.clearRequests();
  return ((await response.json()) as { environmentClasses: { id: string }[] }).environmentClasses.map(({ id }) => id);
}

/** The problems that a text names after a mark. */
const warnings = (text: string) =>
  [...text.matchAll(/warning: (?:warm pool|prebuild) web: `pulumi up` will probably fail: (.*)/g)].map(
    ([, problem]) => problem,
  );

test.each(["WarmPool", "Prebuild"] as const)(
  "a preview of a new %s names each problem once, and up fails with the same sentences",
  async (kind) => {
    await using bench = await start();
    const { sim, stack, project, regular, large } = bench;
    const gpu = (await classIds(sim))[3];
    const named = `project storefront (${project})`;
    const notIn = `which is not in the prebuild configuration of ${named}`;
    const present = `Regular (${regular}) or Large (${large})`;

    const cases: [args: object, problem: string, code?: string][] = [
      [
        { environmentClassId: gpu },
        `environmentClassId is GPU (${gpu}), ${notIn} and on a different runner than the classes there. Add it, or use ${present}`,
      ],
      [
        { projectId: nobody },
        `projectId is ${nobody}, but the token cannot read that project. The token belongs to organization ${organizationId}`,
        "not_found",
      ],
    ];
    for (const [args, problem, code = "failed_precondition"] of cases) {
      bench.declare({ ...pool(bench, args), kind });
      expect(warnings((await succeed(stack.preview())).text)).toEqual([problem]);
      const error = await fail(stack.up());
      expect(error).toContain(`Create${kind}: the Ona API answered ${code}: `);
      expect(error).toContain(`. ${problem}.`);
      expect(error).not.toContain("Check that prebuilds are enabled");
    }

    for (const [change, problem] of [
      [{ prebuildsEnabled: false }, `projectId is ${named}, which has prebuilds disabled. Enable them in its settings`],
      [{ isBeingDeleted: true }, `projectId is ${named}, which is being deleted. Use another one`],
    ] as const) {
      sim.configureProject(project, change);
      bench.declare({ ...pool(bench), kind });
      expect(warnings((await succeed(stack.preview())).text)).toEqual([problem]);
      expect(await fail(stack.up())).toContain(`. ${problem}.`);
    }
  },
);

test("a preview warns of a disabled class, and up creates the pool if the API allows it", async () => {
  await using bench = await start();
  const [, , small] = await classIds(bench.sim);
  bench.declare(pool(bench, { environmentClassId: small }));
  expect(warnings((await succeed(bench.stack.preview())).text)).toEqual([
    `environmentClassId is Small (${small}), which is disabled. Enable it on its runner, or use another class of project storefront (${bench.project})`,
  ]);
  const { calls } = await succeed(bench.stack.up());
  expect(calls.map(({ rpc }) => rpc)).not.toContain("GetProject");
  await expectSettled(bench);
});

test("a preview of a replacement checks the new class, and a preview of a change or a removal makes no call", async () => {
  await using bench = await start();
  const { sim, stack } = bench;
  const gpu = (await classIds(sim))[3];
  bench.declare(pool(bench));
  await succeed(stack.up());
  sim.configureProject(bench.project, { environmentClassIds: [bench.regular] });
  bench.declare(pool(bench, { environmentClassId: gpu }));
  expect(warnings((await succeed(stack.preview())).text)).toEqual([
    expect.stringContaining("environmentClassId is GPU"),
  ]);
  bench.declare(pool(bench, { maxSize: 7 }));
  expect((await succeed(stack.preview())).calls).toEqual([]);
  bench.declare();
  expect((await succeed(stack.preview())).calls).toEqual([]);
});

test.each([
  ["without a token", { env: { ONA_API_KEY: "" } }],
  ["with ona:preflight: false", { config: { "ona:preflight": "false" } }],
])("a preview makes no call %s", async (_how, options) => {
  await using bench = await start(options);
  bench.declare(pool(bench, { projectId: nobody }));
  const { text, calls } = await succeed(bench.stack.preview());
  expect([...warnings(text), ...calls]).toEqual([]);
});

test("a preview makes no call for an unknown project", async () => {
  await using bench = await start();
  const { args } = pool(bench);
  bench.declare({ name: "first", args }, { ...pool(bench), from: { projectId: ["first", "id"] } });
  bench.stack.setConfig("ona:preflight", { value: "maybe", secret: false });
  expect(await fail(bench.stack.preview())).toContain("ona:preflight must be true or false.");
  bench.stack.setConfig("ona:preflight", { value: "true", secret: false });
  const { text, calls } = await succeed(bench.stack.preview());
  expect(warnings(text)).toEqual([]);
  expect(calls.map(({ rpc }) => rpc).sort()).toEqual(["GetProject", "ListEnvironmentClasses"]);
});

test.each([
  ["refuses to read projects", (sim: Simulator) => sim.setUnknowns({ projectCalls: "permission_denied" })],
  ["doesn't know the calls", (sim: Simulator) => sim.setUnknowns({ projectCalls: "unimplemented" })],
  ["is down", (sim: Simulator) => sim.fault({ html: { status: 503 }, times: "always" })],
])("a preview shows the same as without checks if the API %s", async (_how, prepare) => {
  await using bench = await start();
  bench.declare(pool(bench, { projectId: nobody }));
  bench.stack.setConfig("ona:preflight", { value: "false", secret: false });
  const { text } = await succeed(bench.stack.preview());
  bench.stack.setConfig("ona:preflight", { value: "true", secret: false });
  prepare(bench.sim);
  expect((await succeed(bench.stack.preview())).text).toBe(text);
});

test("a connection's own account is asked", async () => {
  await using bench = await start();
  await using eu = await startSimulator({ token: "ona-eu-token", clock: bench.sim.clock });
  for (const [name, value] of Object.entries({ ONA_EU_API_KEY: "ona-eu-token", ONA_EU_BASE_URL: eu.url }))
    bench.stack.setEnv(name, value);
  bench.declare({ ...pool(bench, { connection: "eu" }) });
  const [problem, more] = warnings((await succeed(bench.stack.preview())).text);
  expect(problem).toContain(`environmentClassId is ${bench.regular}, which is not in the prebuild configuration`);
  expect(more).toBeUndefined();
  expect(bench.calls()).toEqual([]);
  expect(eu.requests.map(({ rpc }) => rpc).sort()).toEqual(["GetProject", "ListEnvironmentClasses"]);
});

test("names from the API can't control the terminal or the CI system", async () => {
  const [escape, command] = ["\u001b[31mred\u001b[0m", "::error::stop"];
  const environmentClasses = [{ name: "Regular" }, { name: escape }, { name: "Off", prebuilds: false }];
  await using bench = await startBench({
    simulator: { projects: [{ name: command, environmentClasses }, { name: "other" }] },
  });
  const off = (await classIds(bench.sim))[2];
  bench.declare(pool(bench, { environmentClassId: off }));
  const { text } = await succeed(bench.stack.preview());
  expect(warnings(text)[0]).toMatch(/of project : :error::stop \(.*or red \(/);
});
