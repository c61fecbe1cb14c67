/** Runs the policy pack of examples/policy in its own process and calls it over gRPC as the Pulumi engine does. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { copyProgram } from "../support/consumer";
import { type Host, hosts, typeIn } from "../support/hosts";
import { type Analyzed, type PolicyPackProcess, startPolicyPack } from "../support/policy-pack";
import { type Bench, consumer, startBench, succeed } from "../support/warm-pools";

let folder: string;
let pack: PolicyPackProcess;

beforeAll(async () => {
  folder = copyProgram(consumer(), join(__dirname, "../../examples/policy"));
  pack = await startPolicyPack(folder);
});

afterAll(async () => {
  await pack[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => pack.configure({}));

/** The engine's marker for a value that is unknown in a preview. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Creates a stack `production` with two managed pools and a read-only one. */
async function pools(host: Host, run: (bench: Bench) => Promise<void>) {
  await using bench = await startBench({ host, stack: { stack: "production" } });
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

test("the policy pack reports its three policies to the engine", () => {
  expect(pack.policies).toEqual(["ona-pool-cap", "ona-protected-pools", "ona-prebuild-timeout"]);
});

test.each(hosts)(
  "ona-pool-cap rejects %s pools that exceed the cap in total, and ignores read-only pools",
  async (host) => {
    await pools(host, async (bench) => {
      const outputs = analyzed(bench, "outputs");
      expect(await pack.stack(outputs)).toEqual([]);
      await pack.configure({ "ona-pool-cap": { most: 19 } });
      const message =
        "The warm pools can grow to 20 instances in total, but the cap is 19 (web 12, large 8). Lower a maxSize.";
      expect(await pack.stack(outputs)).toEqual([
        { policy: "ona-pool-cap", message: expect.stringContaining(message) as string, mandatory: true },
      ]);
      // In a preview, a new pool has only inputs, and some may be unknown.
      const [first] = outputs.filter(({ urn }) => urn.endsWith("::web"));
      const planned = (name: string, sizes: object) => ({
        urn: `${first?.urn}-${name}`,
        type: first?.type ?? "",
        properties: { projectId: bench.project, ...sizes },
      });
      expect(await pack.stack([planned("a", { maxSize: unknown }), planned("b", {})])).toEqual([]);
      const [violation] = await pack.stack([planned("a", { maxSize: unknown }), planned("b", { maxSize: 20 })]);
      expect(violation?.message).toContain("web-b 20, web-a unknown");
    });
  },
);

test("ona-protected-pools rejects pools without protect only in production stacks", async () => {
  await pools("dynamic", async (bench) => {
    const inputs = analyzed(bench, "inputs").filter(({ urn }) => !urn.endsWith("::shared"));
    const found = (await Promise.all(inputs.map((resource) => pack.resource(resource)))).flat();
    const message = "Warm pool large is not protected. Add the resource option { protect: true }.";
    expect(found).toEqual([
      { policy: "ona-protected-pools", message: expect.stringContaining(message) as string, mandatory: true },
    ]);
    const elsewhere = inputs.map((resource) => ({ ...resource, urn: resource.urn.replace(":production::", ":dev::") }));
    expect((await Promise.all(elsewhere.map((resource) => pack.resource(resource)))).flat()).toEqual([]);
  });
});

test.each<[string | undefined, RegExp[]]>([
  ["45m", []],
  ["10m", []],
  ["1h", []],
  [undefined, []],
  ["9m59s", [/has a timeout of 9m59s. Set it to between 10 and 60 minutes/]],
  ["1h0m1s", [/1h0m1s/]],
  ["2h", [/2h/]],
  [unknown, [/can't run policy 'ona-prebuild-timeout' .* during preview/]],
])("ona-prebuild-timeout checks a timeout of %s", async (timeout, expected) => {
  for (const type of hosts.map((host) => typeIn(host, "Prebuild"))) {
    const properties = { __provider: "text", projectId: "p", timeout };
    const violations = await pack.resource({ urn: `urn:pulumi:production::shop::${type}::nightly`, type, properties });
    expect(violations.map(({ message }) => message)).toEqual(
      expected.map((each) => expect.stringMatching(each) as string),
    );
    expect(violations.every(({ mandatory }) => mandatory)).toBe(timeout !== unknown);
  }
});
