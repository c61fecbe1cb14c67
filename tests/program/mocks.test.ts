/** Programs under `pulumi.runtime.setMocks`, as their unit tests run them. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type * as Ona from "../../src/index.js";

const home = process.cwd();
let folder: string;
let ona: typeof Ona;
let server: Server;
let connections = 0;
let calls: pulumi.runtime.MockCallArgs[];
let results: Record<string, object>;

beforeAll(async () => {
  server = createServer((_request, response) => void response.end()).on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["ONA_API_KEY"] = "token";
  process.env["ONA_BASE_URL"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // A folder without this package, because unit tests may run anywhere.
  folder = mkdtempSync(join(tmpdir(), "pulumi-ona-mocks-"));
  process.chdir(folder);
  ona = await import("../../src/index.js");
});

afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
  server.close();
  delete process.env["ONA_API_KEY"];
  delete process.env["ONA_BASE_URL"];
});

async function setMocks(preview = false): Promise<void> {
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ name, inputs }) => ({
      id: preview ? undefined : `${name}-id`,
      state: { ...(inputs as object), phase: "READY" },
    }),
    call: (args) => {
      calls.push(args);
      return results[args.token] ?? {};
    },
  };
  await pulumi.runtime.setMocks(mocks, "project", "dev", preview);
}

beforeEach(async () => {
  calls = [];
  results = {};
  await setMocks();
});

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

/** Each function, as a promise and as an output: its name, call, arguments for `call`, result of `call`, and result. */
const pool = { id: "pool", desiredSize: 2 };
const functions: [name: string, call: (() => Promise<unknown>)[], inputs: object, mock: object, result: unknown][] = [
  [
    "getWarmPool",
    [() => ona.getWarmPool({ id: "any" }), () => valueOf(ona.getWarmPoolOutput({ id: pulumi.output("any") }))],
    { id: "any" },
    pool,
    pool,
  ],
  [
    "getWarmPools",
    [() => ona.getWarmPools(), () => valueOf(ona.getWarmPoolsOutput())],
    {},
    { warmPools: [pool] },
    { warmPools: [pool] },
  ],
  [
    "getPrebuild",
    [
      () => ona.getPrebuild({ id: "any", connection: "eu" }),
      () => valueOf(ona.getPrebuildOutput({ id: "any", connection: pulumi.output("eu") })),
    ],
    { id: "any", connection: "eu" },
    { id: "any", phase: "COMPLETED" },
    { id: "any", phase: "COMPLETED" },
  ],
  [
    "getPrebuilds",
    [
      () => ona.getPrebuilds({ phases: ["FAILED"] }),
      () => valueOf(ona.getPrebuildsOutput({ phases: [pulumi.output("FAILED" as const)] })),
    ],
    { phases: ["FAILED"] },
    { prebuilds: [] },
    { prebuilds: [] },
  ],
  [
    "getLatestPrebuild",
    [
      () => ona.getLatestPrebuild({ projectId: "any" }),
      () => valueOf(ona.getLatestPrebuildOutput({ projectId: pulumi.output("any") })),
    ],
    { projectId: "any" },
    { id: "latest" },
    { id: "latest" },
  ],
  [
    "getLatestPrebuild",
    [
      () => ona.getLatestPrebuild({ projectId: "any" }),
      () => valueOf(ona.getLatestPrebuildOutput({ projectId: pulumi.output("any") })),
    ],
    { projectId: "any" },
    {},
    undefined,
  ],
  [
    "getProject",
    [() => ona.getProject({ name: "shop" }), () => valueOf(ona.getProjectOutput({ name: pulumi.output("shop") }))],
    { name: "shop" },
    { id: "any" },
    { id: "any" },
  ],
  [
    "getProjects",
    [() => ona.getProjects(), () => valueOf(ona.getProjectsOutput())],
    {},
    { projects: [] },
    { projects: [] },
  ],
  [
    "getEnvironmentClass",
    [
      () => ona.getEnvironmentClass({ name: "large", projectId: "any" }),
      () => valueOf(ona.getEnvironmentClassOutput({ name: "large", projectId: pulumi.output("any") })),
    ],
    { name: "large", projectId: "any" },
    { id: "any" },
    { id: "any" },
  ],
  [
    "getEnvironmentClasses",
    [
      () => ona.getEnvironmentClasses({ enabled: true }),
      () => valueOf(ona.getEnvironmentClassesOutput({ enabled: pulumi.output(true) })),
    ],
    { enabled: true },
    { environmentClasses: [] },
    { environmentClasses: [] },
  ],
  [
    "getIdentity",
    [() => ona.getIdentity(), () => valueOf(ona.getIdentityOutput())],
    {},
    { principal: "USER" },
    { principal: "USER" },
  ],
  [
    "getPrebuildLogsToken",
    [
      () => valueOf(ona.getPrebuildLogsToken({ prebuildId: "any" })),
      () => valueOf(ona.getPrebuildLogsTokenOutput({ prebuildId: pulumi.output("any") })),
    ],
    { prebuildId: "any" },
    { token: "for-the-log" },
    "for-the-log",
  ],
];

test.each(functions)("%s asks the mocks and opens no connection", async (name, forms, inputs, mock, result) => {
  const token = `ona:index:${name}`;
  results[token] = mock;
  for (const form of forms) expect(await form()).toEqual(result);
  expect(calls).toMatchObject(forms.map(() => ({ token, inputs })));
  expect(connections).toBe(0);
});

test("all functions of the package ask the mocks", () => {
  const names = Object.keys(ona).filter((name) => name.startsWith("get") && !name.endsWith("Output"));
  expect([...new Set(functions.map(([name]) => name))].sort()).toEqual(names.sort());
});

test("a function needs no token and no valid configuration", async () => {
  delete process.env["ONA_API_KEY"];
  pulumi.runtime.setConfig("ona:baseUrl", "not an address");
  await expect(ona.getWarmPools()).resolves.toEqual({});
});

test("a secret argument makes the result secret, and a logs token is always secret", async () => {
  expect(await pulumi.isSecret(ona.getWarmPoolOutput({ id: pulumi.secret("any") }))).toBe(true);
  expect(await pulumi.isSecret(ona.getWarmPoolOutput({ id: "any" }))).toBe(false);
  expect(await pulumi.isSecret(ona.getPrebuildLogsToken({ prebuildId: "any" }))).toBe(true);
});

test("a function does not ask the mocks in a preview that creates a resource behind its arguments", async () => {
  await setMocks(true);
  const web = new ona.WarmPool("web", { projectId: "p", environmentClassId: "c" });
  const results = [
    ona.getWarmPoolOutput({ projectId: web.projectId, environmentClassId: web.environmentClassId }),
    ona.getWarmPoolsOutput({}, { dependsOn: web }),
  ];
  for (const result of results) {
    expect(await (result as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
  }
  expect(calls).toEqual([]);
});

test("resources, get, and components work in a folder without the package", async () => {
  const web = new ona.WarmPool("web", { projectId: "p", environmentClassId: "c", maxSize: 3 });
  const prebuild = new ona.Prebuild("web", { projectId: "p", triggers: [1] });
  const own = new ona.ProjectWarmPools("own", { projectId: "p", pools: { large: { environmentClassId: "c" } } });
  const shared = ona.WarmPool.get("shared", "an id");
  expect(await valueOf(pulumi.all([web.id, web.phase, web.maxSize, prebuild.projectId]))).toEqual([
    "web-id",
    "READY",
    3,
    "p",
  ]);
  expect(await valueOf(pulumi.all([own.pools.large.id, shared.id]))).toEqual(["own-large-id", "an id"]);
  expect(connections).toBe(0);
});

test("a mistake in a resource option is an error", () => {
  const create = () => new ona.WarmPool("web", {} as Ona.WarmPoolArgs, { customTimeouts: { create: "soon" } });
  expect(create).toThrow("customTimeouts.create must be a positive duration");
});
