/** What a preview of new resources reads and reports, through the real client against the simulator. */
import { OnaError } from "../../src/client/index.js";
import { ResourceHost } from "../../src/hosts/resource-host.js";
import { Session } from "../../src/hosts/session.js";
import type { Lifecycle, Properties, Reporter } from "../../src/lifecycle/contract.js";
import { unknown } from "../../src/lifecycle/unknown.js";
import { prebuildBinding } from "../../src/prebuild/binding.js";
import { prebuildTraits } from "../../src/prebuild/traits.js";
import { type Simulator, startSimulator } from "../../src/testing/simulator/index.js";
import { FakeClock } from "../support/fake-clock.js";
import { warmPoolBinding } from "../../src/warm-pool/binding.js";
import { warmPoolTraits } from "../../src/warm-pool/traits.js";

const eu = "6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d90";

let sim: Simulator;
let session: Session;
let config: Record<string, string>;
let inputs: { projectId: string; environmentClassId: string };
let reported: string[];
const environment = { ...process.env };

/** The first class is missing in its project's prebuild configuration. */
beforeEach(async () => {
  sim = await startSimulator();
  Object.assign(process.env, sim.env);
  const [project] = sim.projects;
  const [missing = "", present = ""] = project?.environmentClassIds ?? [];
  sim.configureProject(project?.id ?? "", { environmentClassIds: [present] });
  inputs = { projectId: project?.id ?? "", environmentClassId: missing };
  config = {};
  session = new Session(
    { log: () => undefined, warn: () => undefined },
    { onInterrupt: "undo", importCommand: () => "" },
    new FakeClock(),
  );
  session.configure((key) => config[key]);
  reported = [];
});

afterEach(async () => {
  process.env = { ...environment };
  await sim.close();
});

const reporter: Reporter = {
  name: "web",
  progress: (line) => void reported.push(line),
  note: (line) => void reported.push(line),
  warn: (line) => void reported.push(`warning: ${line}`),
  log: () => undefined,
};
const pools = () => new ResourceHost(warmPoolTraits, async () => warmPoolBinding, session);
const prebuilds = () => new ResourceHost(prebuildTraits, async () => prebuildBinding, session);
const calls = () => sim.requests.map(({ rpc }) => rpc);
const warning = /^warning: `pulumi up` will probably fail: environmentClassId is regular \(/;

test.each([
  ["warm pools", pools],
  ["prebuilds", prebuilds],
])("warns of %s, and reads what all resources share once", async (_kind, host) => {
  await host().lookAhead(inputs, reporter);
  await host().lookAhead(inputs, reporter);
  expect(reported).toEqual([expect.stringMatching(warning), expect.stringMatching(warning)]);
  expect(calls().sort()).toEqual(["GetProject", "ListEnvironmentClasses"]);
});

test("says nothing about a class in the configuration", async () => {
  await pools().lookAhead({ ...inputs, environmentClassId: sim.projects[0]?.environmentClassIds[0] }, reporter);
  await prebuilds().lookAhead({ projectId: inputs.projectId }, reporter);
  expect(reported).toEqual([]);
});

test("an adoption is reported too", async () => {
  await pools().lookAhead({ ...inputs, adoptExisting: true }, reporter);
  expect(reported.sort()).toEqual([
    expect.stringMatching(/^there is no warm pool of this project/),
    expect.stringMatching(warning),
  ]);
});

test.each<[what: string, change: Properties]>([
  ["an unknown project", { projectId: unknown }],
  ["an unknown connection", { connection: unknown }],
])("makes no call for %s", async (_what, change) => {
  await pools().lookAhead({ ...inputs, ...change }, reporter);
  expect([...reported, ...calls()]).toEqual([]);
});

test("checks the project of an unknown class", async () => {
  await pools().lookAhead({ ...inputs, environmentClassId: unknown }, reporter);
  sim.configureProject(inputs.projectId, { prebuildsEnabled: false });
  expect([...reported, ...calls()]).toEqual(["GetProject"]);
});

test.each([
  ["ona:preflight is false", () => (config["ona:preflight"] = "false")],
  ["there is no token", () => (process.env["ONA_API_KEY"] = "")],
  ["the token is malformed", () => (process.env["ONA_API_KEY"] = '"quoted"')],
])("makes no call if %s, at preview or after a create that fails", async (_what, prepare) => {
  prepare();
  const account = jest.spyOn(session, "account");
  await pools().lookAhead(inputs, reporter);
  expect(account).not.toHaveBeenCalled();
  expect([...reported, ...calls()]).toEqual([]);
  const created = pools().create(inputs, reporter, {});
  await expect(created).rejects.not.toThrow("environmentClassId is regular");
  expect(calls()).not.toContain("GetProject");
});

test.each([
  ["refuses", () => sim.setUnknowns({ projectCalls: "permission_denied" })],
  ["doesn't know", () => sim.setUnknowns({ projectCalls: "unimplemented" })],
  [
    "can't read",
    () => {
      for (const rpc of ["GetProject", "ListProjects"] as const)
        sim.fault({ rpc, html: { status: 500 }, times: "always" });
    },
  ],
])("is silent if the API %s the project", async (_how, prepare) => {
  prepare();
  await pools().lookAhead(inputs, reporter);
  await pools().lookAhead({ ...inputs, projectId: sim.projects[1]?.id }, reporter);
  expect(reported).toEqual([]);
  const created = pools().create(inputs, reporter, {});
  await expect(created).rejects.toThrow(/failed_precondition: .*Check that prebuilds are enabled for the project/);
});

test.each(["permission_denied", "unimplemented"] as const)(
  "shows ids if the API answers %s to reading classes, and no organization if it does so to reading the identity",
  async (code) => {
    sim.setUnknowns({ environmentClassCalls: code, identityCalls: code });
    await pools().lookAhead(inputs, reporter);
    await pools().lookAhead({ ...inputs, projectId: eu }, reporter);
    expect(reported).toEqual([
      expect.stringContaining(`environmentClassId is ${inputs.environmentClassId}, which is not in the prebuild`),
      expect.stringContaining("Check the id, and which organization the token belongs to"),
    ]);
  },
);

test("the error of a create that is interrupted stays the same, without a call", async () => {
  const interrupted = new AbortController();
  const refusal = new OnaError({ rpc: "CreateWarmPool", code: "failed_precondition", origin: "api", detail: "" });
  const create = async () => {
    interrupted.abort();
    throw refusal;
  };
  const refusing = { ...warmPoolBinding, lifecycle: async () => ({ create }) as unknown as Lifecycle };
  const host = new ResourceHost(warmPoolTraits, async () => refusing, session);
  await expect(host.create(inputs, reporter, { interrupt: interrupted.signal })).rejects.toBe(refusal);
  expect(calls()).toEqual([]);
});
