/** The names of projects and environment classes in `status`, `drift` and `import`: shown, read with few calls, and not required. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import stringWidth from "string-width";
import type { Reader } from "../../src/cli/account.js";
import { labelPairs, NameReader } from "../../src/cli/names.js";
import { run } from "../../src/cli/program.js";
import { type ConnectCode, OnaError } from "../../src/client/index.js";
import type { ImportFile } from "../../src/testing/engine/state/import-file.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";
import { systemClock } from "../../src/util/clock.js";
import { fakeIo, type FakeIoOptions, pulumiOna } from "../support/fake-io.js";
import { type Exported, exportOfImport, stackExport } from "../support/stack-export.js";

const id = (last: number) => `6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d${last}`;
const regular = { id: id(99), name: "Regular" };

/** Names as users choose them: with slashes and wide characters, twice, in the form of an id, and long. */
const projects: SimulatorOptions["projects"] = [
  { id: id(10), name: "storefront", environmentClasses: [regular, { id: id(90), name: "Large, 16 cores" }] },
  { id: id(11), name: "docs", environmentClasses: [regular] },
  { id: "aa1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d12", name: "docs", environmentClasses: [regular] },
  { id: id(13), name: "プール/本番", environmentClasses: [regular, { id: id(93), name: "gpu/a100" }] },
  { id: id(14), name: id(10), environmentClasses: [regular] },
  {
    id: id(15),
    name: "acme-international-payments-gateway-service-blue",
    environmentClasses: [
      { id: id(91), name: "Extra large with much memory (eu-west)" },
      { id: id(92), name: "Extra large with much memory (us-east)" },
    ],
  },
];

let simulator: Simulator;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "names-"));
});
afterEach(async () => {
  await (simulator as Simulator | undefined)?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a simulator in which each project has a pool of each of its classes. */
async function start(options: SimulatorOptions = { projects }) {
  simulator = await startSimulator(options);
  const pools = simulator.projects.flatMap((project) =>
    project.environmentClassIds.map((environmentClassId) =>
      simulator.createPool({ projectId: project.id, environmentClassId, minSize: 1, maxSize: 4 }),
    ),
  );
  simulator.clock.advance(60_000);
  simulator.clearRequests();
  return pools;
}

const ona = (args: readonly string[], options: FakeIoOptions = {}) =>
  pulumiOna(args, { ...options, env: { ...simulator.env, LANG: "C.UTF-8", NO_COLOR: "1" } });
const calls = () => simulator.requests.map(({ rpc }) => rpc).sort();

test("labels tell apart projects of one name, and classes of one name in a project, but not in two", () => {
  const of = (project: number, projectName: string, environmentClass: number, environmentClassName: string) => ({
    ...{ projectId: `${project}0000000-0`, projectName },
    ...{ environmentClassId: `${environmentClass}0000000-0`, environmentClassName },
  });
  const objects = [
    of(1, "docs", 5, "regular"),
    of(2, "docs", 6, "regular"),
    of(2, "docs", 7, "regular"),
    of(3, "web", 8, "regular"),
    { projectId: "40000000-0", environmentClassId: "50000000-0" },
    // Created in the same minute, two ids begin with the same time.
    ...["90000000-1", "90000000-2"].map((projectId) => ({ projectId, projectName: "api" })),
  ];
  const labelsOf = labelPairs(objects);
  const texts = objects
    .map((each) => labelsOf(each))
    .map((labels) => labels.map(({ text, suffix }) => `${text}${suffix}`));
  expect(texts).toEqual([
    ["docs (10000000)", "regular"],
    ["docs (20000000)", "regular (60000000)"],
    ["docs (20000000)", "regular (70000000)"],
    ["web", "regular"],
    ["40000000-0", "50000000-0"],
    ["api (90000000-1)", ""],
    ["api (90000000-2)", ""],
  ]);
});

describe("status", () => {
  test("shows names in 80 columns, in their order, and tells objects of one name apart", async () => {
    const pools = await start();
    simulator.degrade(pools[1]?.id ?? "", "no capacity");
    const { stdout, stderr, exitStatus } = await ona(["status"], { terminal: [80, 30] });
    expect({ exitStatus, stderr }).toEqual({ exitStatus: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(lines.slice(2)).toEqual([
      expect.stringMatching(/^PROJECT +CLASS +PHASE +INSTANCES +SNAPSHOT +PREBUILDS$/),
      expect.stringMatching(/^storefront +Large, 16 cores +DEGRADED/),
      expect.stringMatching(/^6\S+…\S+ \(6f1c2f0e\) +Regular +READY/),
      expect.stringMatching(/^acme-\S*…\S*blue +Extra l\S*…\S*u-west\) +READY/),
      expect.stringMatching(/^acme-\S*…\S*blue +Extra l\S*…\S*s-east\) +READY/),
      expect.stringMatching(/^docs \(6f1c2f0e\) +Regular +READY/),
      expect.stringMatching(/^docs \(aa1c2f0e\) +Regular +READY/),
      expect.stringMatching(/^storefront +Regular +READY/),
      expect.stringMatching(/^プール\/本番 +Regular +READY/),
      expect.stringMatching(/^プール\/本番 +gpu\/a100 +READY/),
      "",
      "storefront/Large, 16 cores: no capacity",
    ]);
  });

  test.each([20, 30, 40, 60, 72, 100, 120, 160, 220])("fits names into a terminal of %d columns", async (width) => {
    await start();
    for (const LANG of ["C.UTF-8", "C"]) {
      const env = { ...simulator.env, LANG, NO_COLOR: "1" };
      const { stdout } = await pulumiOna(["status"], { env, terminal: [width, 30] });
      for (const line of stdout.split("\n")) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      expect(stdout).toContain("READY");
    }
  });

  test("has names in its JSON, and neither names nor calls for them with --ids", async () => {
    await start();
    const { stdout } = await ona(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      warmPools: expect.arrayContaining([
        expect.objectContaining({
          projectId: id(13),
          projectName: "プール/本番",
          environmentClassId: id(93),
          environmentClassName: "gpu/a100",
        }),
      ]) as object,
    });
    simulator.clearRequests();
    expect((await ona(["status", "--ids"])).stdout).toMatch(new RegExp(`${id(13)}  ${id(93)}  READY`));
    expect((await ona(["status", "--ids", "--json"])).stdout).not.toContain("Name");
    expect(new Set(calls())).toEqual(new Set(["ListPrebuilds", "ListWarmPools"]));
  });

  test("reads the names of 500 pools in 10 projects with two calls", async () => {
    const environmentClasses = Array.from({ length: 50 }, (_, index) => ({
      id: id(10 + index),
      name: `class ${index}`,
    }));
    await start({ projects: Array.from({ length: 10 }, () => ({ environmentClasses })), snapshots: false });
    const { stdout } = await ona(["status"]);
    expect(stdout).toMatch(/^500 warm pools/);
    expect(stdout).toContain("project-10");
    expect(calls().filter((rpc) => rpc !== "ListWarmPools" && rpc !== "ListPrebuilds")).toEqual([
      "ListEnvironmentClasses",
      "ListProjects",
    ]);
  });

  test("reads only the projects that have pools if an account has many", async () => {
    simulator = await startSimulator({
      projects: Array.from({ length: 230 }, () => ({ environmentClasses: [regular] })),
      snapshots: false,
    });
    for (const { id: projectId } of simulator.projects.slice(190)) {
      simulator.createPool({ projectId, environmentClassId: regular.id, minSize: 1, maxSize: 1 });
    }
    simulator.clearRequests();
    const { stdout } = await ona(["status"]);
    for (let number = 191; number <= 230; number++) expect(stdout).toContain(`project-${number} `);
    const lists = simulator.requests.filter(({ rpc }) => rpc === "ListProjects");
    const filters = lists.map(({ body }) => (body as { filter: { projectIds?: string[] } }).filter.projectIds?.length);
    expect(filters).toEqual([undefined, 25, 15]);
  });

  test("--watch reads names once", async () => {
    await start();
    let reads = 0;
    const io = fakeIo({
      env: simulator.env,
      clock: {
        ...systemClock,
        async sleep(milliseconds, signal) {
          if (milliseconds !== 7_000) return systemClock.sleep(milliseconds, signal);
          if (++reads === 3) io.interrupt();
        },
      },
    });
    expect(await run(["status", "--watch", "--interval", "7s"], io)).toBe(0);
    expect(calls().filter((rpc) => rpc === "ListWarmPools")).toHaveLength(3);
    expect(calls().filter((rpc) => rpc === "ListProjects" || rpc === "ListEnvironmentClasses")).toHaveLength(2);
  });
});

test("asks for a project that the API does not list once, and after a temporary failure again", async () => {
  await start();
  const asked: unknown[] = [];
  let code: ConnectCode | undefined;
  const client = {
    async *projectPages(filter) {
      asked.push(filter?.projectIds);
      if (code !== undefined) throw new OnaError({ rpc: "ListProjects", code, origin: "api", detail: "" });
    },
    async *listEnvironmentClasses() {},
  } as Partial<Reader> as Reader;
  const names = new NameReader(client, fakeIo(), "needed");
  const read = (projectId: string) =>
    names.alongside(
      async () => [{ projectId }],
      (pairs) => pairs,
    );
  for (const [index, failure] of ([undefined, "permission_denied", "unavailable"] as const).entries()) {
    code = failure;
    const projectId = id(20 + index);
    for (let time = 0; time < 3; time++) await read(projectId);
    const times = failure === "unavailable" ? 3 : 1;
    expect(asked.splice(0)).toEqual(Array.from({ length: times }, () => [projectId]));
  }
});

test("a read that succeeds later clears a temporary failure, and only that", async () => {
  const codes: (ConnectCode | undefined)[] = [];
  const client = {
    async *projectPages() {
      const code = codes.shift();
      if (code !== undefined) throw new OnaError({ rpc: "ListProjects", code, origin: "api", detail: "" });
    },
    async *listEnvironmentClasses() {},
  } as Partial<Reader> as Reader;
  const names = new NameReader(client, fakeIo(), "needed");
  const failureAfter = async (projectId: string, code?: ConnectCode) => {
    codes.push(code);
    await names.alongside(
      async () => [{ projectId }],
      (pairs) => pairs,
    );
    return names.failure;
  };
  expect(await failureAfter(id(20), "unavailable")).toBe("ListProjects failed (unavailable)");
  expect(await failureAfter(id(20), "unavailable")).toBe("ListProjects failed (unavailable)");
  expect(await failureAfter(id(20))).toBeUndefined();
  expect(await failureAfter(id(21), "permission_denied")).toBe("ListProjects failed (permission_denied)");
  expect(await failureAfter(id(22))).toBe("ListProjects failed (permission_denied)");
});

describe("without permission for names", () => {
  test.each([
    [{ projectCalls: "permission_denied", environmentClassCalls: "permission_denied" }, "permission_denied"],
    [{ projectCalls: "unimplemented", environmentClassCalls: "unimplemented" }, "unimplemented"],
  ] as const)("commands use ids and say so once: %o", async (unknowns, code) => {
    const pools = await start();
    simulator.setUnknowns(unknowns);
    const note = new RegExp(`^Using ids, since names could not be read: List\\w+ failed \\(${code}\\)\\.\\n$`);
    const status = await ona(["status"]);
    expect(status).toMatchObject({ exitStatus: 0, stderr: expect.stringMatching(note) as string });
    expect(status.stdout).toMatch(new RegExp(`${id(10)}  ${id(90)}  READY`));
    const stdin = JSON.stringify(stackExport([]));
    const drift = await ona(["drift", "-"], { stdin });
    expect(drift).toMatchObject({ exitStatus: 0, stderr: expect.stringMatching(note) as string });
    expect(drift.stdout).toContain(`project ${id(10)}\n`);
    for (const option of ["--all", "--by-name"]) {
      const args = ["import", "--all", option, "--stack-export", "-", "--out", folder];
      expect(await ona(args, { stdin })).toMatchObject({
        exitStatus: 0,
        stderr: expect.stringMatching(note) as string,
      });
      const program = readFileSync(join(folder, "ona-import.ts"), "utf8");
      expect(program).toContain(`"pool-${id(10).slice(0, 8)}-${id(99).slice(0, 8)}`);
      expect(program.match(/^ {4}projectId: "[0-9a-f-]{36}",$/gm)).toHaveLength(pools.length);
    }
    const named = await ona(["import", "--project", "storefront", "--out", folder]);
    expect(named.exitStatus).toBe(1);
    expect(named.stderr).toMatch(
      /^Cannot look up "storefront": List\w+ failed \(\w+\)\. Use ids instead of names\.\n$/,
    );
    expect(await ona(["import", "--project", id(10), "--out", folder, "--ids"])).toMatchObject({ exitStatus: 0 });
  });

  test("the names of classes are shown without those of projects", async () => {
    await start();
    simulator.setUnknowns({ projectCalls: "unimplemented" });
    const { stdout } = await ona(["status"], { terminal: [100, 30] });
    expect(stdout).toMatch(/^6f1c2f0e +Large, 16 cores +READY/m);
  });

  test("a command does not wait long for names", async () => {
    await start();
    simulator.fault({ rpc: "ListProjects", hang: "before", times: "always" });
    // Its own limit passes at once, and no other.
    const clock = {
      ...systemClock,
      sleep: (milliseconds: number, signal?: AbortSignal) =>
        milliseconds === 10_000 ? Promise.resolve() : systemClock.sleep(milliseconds, signal),
    };
    const { exitStatus, stdout, stderr } = await ona(["status"], { clock });
    expect({ exitStatus, stderr }).toEqual({
      exitStatus: 0,
      stderr: "Using ids, since names could not be read: it took too long.\n",
    });
    expect(stdout).toContain(id(10));
  });

  test("a failure of the command itself is the only one that is shown", async () => {
    await start();
    simulator.fault({ error: { code: "permission_denied" }, times: "always" });
    const { exitStatus, stdout, stderr } = await ona(["status"]);
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 1, stdout: "" });
    expect(stderr).toMatch(/^List(WarmPools|Prebuilds): .*\n$/);
  });
});

describe("drift", () => {
  async function changed() {
    const [, pool] = await start();
    const inputs = { projectId: pool?.projectId, environmentClassId: pool?.environmentClassId, minSize: 1, maxSize: 9 };
    const outputs = { __managed: ["minSize", "maxSize"] };
    const resource: Exported = { name: "web", id: pool?.id ?? "", inputs, outputs };
    return { inputs, resource, stdin: JSON.stringify(stackExport([resource])) };
  }

  test("names the project and class of each finding in a table of 80 columns", async () => {
    const { stdin } = await changed();
    const { exitStatus, stdout } = await ona(["drift", "-"], { stdin, terminal: [80, 24] });
    expect(exitStatus).toBe(7);
    for (const line of stdout.split("\n").slice(0, -3)) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(
      /^changed +WarmPool web\n +fleet\/prod\n +project storefront\n +class Large, 16 cores\n .*\n +maxSize 9 => 4\n/m,
    );
    expect(stdout).toMatch(/^ +project docs \(aa1c2f0e\)$/m);
    expect(stdout).toMatch(/^ +project acme-international…eway-service-blue$/m);
    const commands = stdout.match(/^ +`npx pulumi-ona import --pool \S{36}`$/gm);
    expect(commands).toHaveLength(8);
  });

  test("has names in Markdown and JSON, and neither names nor calls for them with --ids", async () => {
    const { stdin } = await changed();
    const markdown = (await ona(["drift", "-", "--markdown"], { stdin })).stdout;
    expect(markdown).toContain("| WarmPool `web` in `fleet/prod`, project `storefront`, class `Large, 16 cores` |");
    expect(markdown).toContain("| WarmPool, project `docs (aa1c2f0e)`, class `Regular` |");
    const names = { projectName: "storefront", environmentClassName: "Large, 16 cores" };
    const { stdout } = await ona(["drift", "-", "--json"], { stdin });
    const { findings } = JSON.parse(stdout) as { findings: object[] };
    expect(findings[0]).toMatchObject({ kind: "changed", projectId: id(10), environmentClassId: id(90), ...names });
    simulator.clearRequests();
    expect((await ona(["drift", "-", "--ids", "--json"], { stdin })).stdout).not.toContain("Name");
    expect((await ona(["drift", "-", "--ids"], { stdin })).stdout).toContain(`project ${id(13)}\n`);
    expect(new Set(calls())).toEqual(new Set(["ListPrebuilds", "ListWarmPools"]));
  });
});

describe("import", () => {
  const importing = (...args: readonly string[]) => ona(["import", "--out", folder, ...args]);
  const program = () => readFileSync(join(folder, "ona-import.ts"), "utf8");
  const resources = () => {
    const file = JSON.parse(readFileSync(join(folder, "ona-resources.json"), "utf8")) as ImportFile;
    return new Map(file.resources.map((each) => [each.id, each.name]));
  };
  const clear = () => {
    rmSync(folder, { recursive: true });
  };

  test.each([
    [
      ["--project", "storefront"],
      [0, 1],
    ],
    [["--pair", "storefront/Large, 16 cores"], [1]],
    [["--pair", "プール/本番/gpu/a100"], [5]],
    [["--pair", `storefront/${id(90).toUpperCase()}`], [1]],
    [["--pair", `${id(11)}/Regular`], [2]],
    // The id of one project is the name of another.
    [
      ["--project", id(10)],
      [0, 1],
    ],
    [["--project", id(14)], [6]],
    [["--pair", `${id(10)}/${id(99)}`], [0]],
  ])("%j finds pools by the names of their projects and classes", async (args, expected) => {
    const pools = await start();
    expect(await importing(...args)).toMatchObject({ exitStatus: 0 });
    expect([...resources().keys()].sort()).toEqual(expected.map((index) => pools[index]?.id).sort());
  });

  test.each([
    [
      ["--project", "storefrnt"],
      'There is no project named "storefrnt" with a warm pool that the token can read. The closest name is "storefront".\n',
    ],
    [
      ["--project", "docs"],
      /^There are 2 projects named "docs" with a warm pool\. Use the id of one of them: \S+ \(warm pool \S+\), \S+ \(warm pool \S+\)\.\n$/,
    ],
    [
      ["--pair", "storefront/regular"],
      'There is no warm pool of "storefront/regular" that the token can read. The closest name is "storefront/Regular".\n',
    ],
    [
      ["--pair", "docs/Regular"],
      new RegExp(`^There are 2 warm pools of "docs/Regular"\\. Use the id of one of them: ${id(11)}/${id(99)} \\(`),
    ],
  ])("%j is an error that lists what was meant", async (args, message) => {
    await start();
    const { exitStatus, stdout, stderr } = await importing(...args);
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 1, stdout: "" });
    if (typeof message === "string") expect(stderr.startsWith(message)).toBe(true);
    else expect(stderr).toMatch(message);
  });

  test("names resources after projects and classes, the same whatever else is imported", async () => {
    const pools = await start({
      projects: [
        ...(projects ?? []),
        { id: id(16), name: "Web  App!", environmentClasses: [regular] },
        { id: id(17), name: "web-app", environmentClasses: [regular] },
        { id: id(18), name: "🚀", environmentClasses: [regular] },
        { id: id(19), name: "Größe Ⅳ", environmentClasses: [regular] },
      ],
    });
    await importing("--all");
    const together = resources();
    const short = (index: number) => pools[index]?.id.slice(0, 8);
    expect(pools.map((pool) => together.get(pool.id))).toEqual([
      "storefront-regular",
      "storefront-large-16-cores",
      `docs-regular-${short(2)}`,
      `docs-regular-${short(3)}`,
      "プール-本番-regular",
      "プール-本番-gpu-a100",
      `${id(10)}-regular`,
      "acme-international-payments-gateway-service-blue-extra-large-with-much-memory-eu-west",
      "acme-international-payments-gateway-service-blue-extra-large-with-much-memory-us-east",
      `web-app-regular-${short(9)}`,
      `web-app-regular-${short(10)}`,
      "6f1c2f0e-regular",
      "größe-iv-regular",
    ]);
    for (const pool of pools) {
      clear();
      await importing("--pool", pool.id);
      expect(resources()).toEqual(new Map([[pool.id, together.get(pool.id)]]));
    }
  });

  const lookupsIn = (text: string) =>
    [...text.matchAll(/^const (\w+) = (get\w+)\(\{\n([^}]*)\}\);$/gm)].map(([, constant, call, args = ""]) => [
      constant,
      call,
      ...args.trim().split(/\n\s+/),
    ]);

  const duplicates: SimulatorOptions["projects"] = [
    { id: id(10), name: "storefront", environmentClasses: [regular, { id: id(90), name: "large" }] },
    { id: id(11), name: "api", environmentClasses: [regular, { id: id(91), name: "large" }] },
    {
      id: id(12),
      name: "docs",
      environmentClasses: [
        { id: id(92), name: "large" },
        { id: id(93), name: "large" },
        { id: id(94), name: "gpu" },
      ],
    },
    // Without pools, but its names count.
    { id: id(13), name: "docs", environmentClasses: [{ id: id(95), name: "gpu", prebuilds: false }] },
  ];

  test("--by-name looks up each project and class once, and keeps the id where a name is ambiguous", async () => {
    await start({ projects: duplicates });
    expect(await importing("--all", "--by-name")).toMatchObject({ exitStatus: 0 });
    const text = program();
    expect(lookupsIn(text).toSorted()).toEqual([
      ["apiLargeClass", "getEnvironmentClassOutput", 'name: "large",', "projectId: apiProject.id,"],
      ["apiProject", "getProjectOutput", 'name: "api",'],
      ["docsGpuClass", "getEnvironmentClassOutput", 'name: "gpu",', `projectId: "${id(12)}",`],
      ["regularClass", "getEnvironmentClassOutput", 'name: "Regular",'],
      ["storefrontLargeClass", "getEnvironmentClassOutput", 'name: "large",', "projectId: storefrontProject.id,"],
      ["storefrontProject", "getProjectOutput", 'name: "storefront",'],
    ]);
    expect(text).toContain(
      '"storefront-regular",\n  {\n    projectId: storefrontProject.id,\n    environmentClassId: regularClass.id,',
    );
    expect(text).toContain(
      `projectId: "${id(12)}", // the name "docs" is ambiguous\n    environmentClassId: "${id(92)}", // the name "large" is ambiguous`,
    );
    expect(text).toContain("environmentClassId: docsGpuClass.id,");
    // The import file has what state has.
    expect(readFileSync(join(folder, "ona-resources.json"), "utf8")).not.toContain("Project.id");
  });

  test("without --by-name, the program has ids with names as comments, and only ids with --ids", async () => {
    await start();
    await importing("--all");
    expect(program()).toContain(
      `projectId: "${id(10)}", // storefront\n    environmentClassId: "${id(99)}", // Regular\n`,
    );
    clear();
    await importing("--project", "storefront", "--ids");
    expect(program()).toContain('"pool-6f1c2f0e-6f1c2f0e');
    expect(program()).not.toContain("storefront");
  });

  test("a second run keeps the lookups of what the stack has imported, and no others", async () => {
    const pools = await start({ projects: duplicates });
    await importing("--pair", "storefront/large", "--pair", "api/Regular", "--by-name");
    const exported = exportOfImport(
      (JSON.parse(readFileSync(join(folder, "ona-resources.json"), "utf8")) as ImportFile).resources,
    );
    const kept = exported.deployment.resources.filter((each) => !("id" in each) || each.id === pools[1]?.id);
    const stdin = JSON.stringify({ ...exported, deployment: { ...exported.deployment, resources: kept } });
    await ona(["import", "--pair", "storefront/Regular", "--stack-export", "-", "--out", folder], { stdin });
    const storefront = ["storefrontProject", "getProjectOutput", 'name: "storefront",'];
    const large = [
      "storefrontLargeClass",
      "getEnvironmentClassOutput",
      'name: "large",',
      "projectId: storefrontProject.id,",
    ];
    expect(lookupsIn(program())).toEqual([storefront, large]);
    expect(program()).toContain("environmentClassId: storefrontLargeClass.id,");
    await ona(["import", "--pair", "storefront/Regular", "--by-name", "--stack-export", "-", "--out", folder], {
      stdin,
    });
    const regularClass = ["regularClass", "getEnvironmentClassOutput", 'name: "Regular",'];
    // The lookup of the project is the one that is there.
    expect(lookupsIn(program()).slice(0, 2)).toEqual([storefront, large]);
    expect(lookupsIn(program())).toContainEqual(regularClass);
    expect(program().match(/getProjectOutput\(/g)?.length).toBe(2);
  });
});
