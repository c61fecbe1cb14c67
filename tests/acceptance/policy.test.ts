/** The policy pack of examples/policy, in its own process, asked over gRPC as the Pulumi engine asks, about the resources of a real stack. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { copyProgram } from "../support/consumer";
import { type Analyzed, type PolicyPackProcess, startPolicyPack } from "../support/policy-pack";
import { type Bench, consumer, startBench, succeed } from "../support/warm-pools";

let folder: string;
let pack: PolicyPackProcess;

beforeAll(async () => {
  folder = copyProgram(consumer(), join(__dirname, "../../examples/policy"));
  execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", folder], { stdio: "pipe" });
  pack = await startPolicyPack(folder);
});

afterAll(async () => {
  await pack[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => pack.configure({}));

/** How the engine says that a preview does not know a value. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A stack `production` with two pools of its own, and one that is only read. */
async function pools(run: (bench: Bench) => Promise<void>) {
  await using bench = await startBench({ stack: { stack: "production" } });
  const { id } = bench.sim.createPool({
    projectId: bench.otherProject,
    environmentClassId: bench.sim.projects[1]?.environmentClassIds[0] ?? "",
    minSize: 1,
    maxSize: 20,
  });
  bench.declare(
    {
      name: "web",
      args: { projectId: bench.project, environmentClassId: bench.regular, maxSize: 12 },
      opts: { protect: true },
    },
    { name: "large", args: { projectId: bench.project, environmentClassId: bench.large, minSize: 0, maxSize: 8 } },
    { name: "shared", args: {}, opts: { id } },
  );
  await succeed(bench.stack.up());
  await run(bench);
}

const analyzed = (bench: Bench, side: "inputs" | "outputs"): Analyzed[] =>
  bench.stack.state
    .filter(({ type }) => !type.startsWith("pulumi:providers:"))
    .map(({ urn, type, protect, ...resource }) => ({
      urn,
      type,
      protect: protect === true,
      properties: { ...(resource[side] as object) },
    }));

test("the engine finds the three policies", () => {
  expect(pack.policies).toEqual(["ona-pool-cap", "ona-protected-pools", "ona-prebuild-timeout"]);
});

test("the pools of a stack may not exceed the cap together; one that is only read does not count", async () => {
  await pools(async (bench) => {
    const outputs = analyzed(bench, "outputs");
    expect(outputs.some(({ properties }) => "__provider" in properties)).toBe(true);
    expect(await pack.stack(outputs)).toEqual([]);
    await pack.configure({ "ona-pool-cap": { most: 19 } });
    const message =
      "The warm pools may grow to 20 instances together, and the cap is 19: web 12, large 8. Lower a maxSize.";
    expect(await pack.stack(outputs)).toEqual([
      { policy: "ona-pool-cap", message: expect.stringContaining(message) as string, mandatory: true },
    ]);
    // In a preview a new pool has its inputs only, and some of them may be unknown.
    const [first] = outputs.filter(({ urn }) => urn.endsWith("::web"));
    const planned = (name: string, sizes: object) => ({
      urn: `${first?.urn}-${name}`,
      type: first?.type ?? "",
      properties: { projectId: bench.project, ...sizes },
    });
    expect(await pack.stack([planned("a", { maxSize: unknown }), planned("b", {})])).toEqual([]);
    const [violation] = await pack.stack([planned("a", { maxSize: unknown }), planned("b", { maxSize: 20 })]);
    expect(violation?.message).toContain("web-a not known yet, web-b 20");
  });
});

test("in production a pool without protect is refused; elsewhere it is not", async () => {
  await pools(async (bench) => {
    const inputs = analyzed(bench, "inputs").filter(({ urn }) => !urn.endsWith("::shared"));
    const found = (await Promise.all(inputs.map((resource) => pack.resource(resource)))).flat();
    const message = "The warm pool large is not protected: give it the resource option { protect: true }.";
    expect(found).toEqual([
      { policy: "ona-protected-pools", message: expect.stringContaining(message) as string, mandatory: true },
    ]);
    const elsewhere = inputs.map((resource) => ({ ...resource, urn: resource.urn.replace(":production::", ":dev::") }));
    expect((await Promise.all(elsewhere.map((resource) => pack.resource(resource)))).flat()).toEqual([]);
  });
});

test.each([
  ["45m", []],
  ["10m", []],
  ["1h", []],
  [undefined, []],
  ["9m59s", [/has the timeout 9m59s; it must be from 10 to 60 minutes/]],
  ["1h0m1s", [/1h0m1s/]],
  ["2h", [/2h/]],
  [unknown, [/can't run policy 'ona-prebuild-timeout' .* during preview/]],
])("a prebuild's timeout of %s", async (timeout, expected) => {
  const violations = await pack.resource({
    urn: "urn:pulumi:production::shop::pulumi-nodejs:dynamic/ona:Prebuild::nightly",
    type: "pulumi-nodejs:dynamic/ona:Prebuild",
    properties: { __provider: "text", projectId: "p", timeout },
  });
  expect(violations.map(({ message }) => message)).toEqual(
    expected.map((each) => expect.stringMatching(each) as string),
  );
  expect(violations.every(({ mandatory }) => mandatory)).toBe(timeout !== unknown);
});
