/** This release works with the state of older releases and refuses the state of newer ones, in real processes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { UntypedDeployment } from "../../src/testing/engine/index.js";
import { type Host, isOurType, isTypeIn, otherHost, typeIn } from "../support/hosts.js";
import { type Bench, fail, startBench, succeed } from "../support/warm-pools.js";

const fixtures = join(__dirname, "../state/fixtures");
const releases = readdirSync(fixtures).map((file) => file.replace(/\.json$/, ""));

interface Stored {
  readonly urn: string;
  readonly type: string;
  id?: string;
  readonly external?: boolean;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
}

type Fixture = UntypedDeployment & { readonly deployment: { readonly resources: Stored[] } };

/** A program that registers its resources as every release does, without this release's program side: the stub and the checked inputs. */
const releaseIndependentProgram = `
const pulumi = require("@pulumi/pulumi");
for (const { type, name, inputs, ...opts } of JSON.parse(require("fs").readFileSync("declared.json", "utf8")))
  new pulumi.CustomResource(type, name, inputs, opts);
`;

/** Creates the objects of a state in the simulator and puts their ids into the state. */
function createObjects(bench: Bench, release: string): { deployment: Fixture; ours: Stored[]; managed: Stored[] } {
  const deployment = JSON.parse(readFileSync(join(fixtures, `${release}.json`), "utf8")) as Fixture;
  const ours = deployment.deployment.resources.filter(({ type }) => isOurType(type));
  for (const resource of ours) {
    const { projectId, environmentClassId, minSize, maxSize } = resource.outputs as Record<string, string & number>;
    const pair = { projectId: String(projectId), environmentClassId: String(environmentClassId) };
    const existing = bench.sim.pools.find(
      (pool) => pool.projectId === pair.projectId && pool.environmentClassId === pair.environmentClassId,
    );
    resource.id = resource.type.endsWith("Prebuild")
      ? bench.sim.createPrebuild(pair).id
      : (existing ?? bench.sim.createPool({ ...pair, minSize: Number(minSize), maxSize: Number(maxSize) })).id;
  }
  declareIn("dynamic", bench, ours);
  return { deployment, ours, managed: ours.filter(({ external }) => external !== true) };
}

/** Declares resources in a host, with the type that they have in the other one as an alias. */
function declareIn(host: Host, bench: Bench, ours: readonly Stored[]): void {
  bench.declare(
    ...ours.map(({ urn, type, id, external, inputs = {} }) => {
      const kind = type.endsWith("Prebuild") ? "Prebuild" : "WarmPool";
      const shown = Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.startsWith("__")));
      const opts = { aliases: [{ type: typeIn(otherHost(host), kind) }], ...(external === true ? { id } : {}) };
      const declared = { type: typeIn(host, kind), inputs: host === "native" ? shown : inputs, ...opts };
      return { name: urn.split("::").at(-1) ?? "", args: {}, ...declared };
    }),
  );
}

const isWrite = (rpc: string) => /^(?:Create|Update|Delete|Cancel)/.test(rpc);

const alive = ({ sim }: Bench) => [
  ...sim.pools.filter(({ phase }) => phase !== "DELETED"),
  ...sim.prebuilds.filter(({ triggeredBy, phase }) => triggeredBy === "MANUAL" && phase !== "DELETED"),
];

test.each(releases)(
  "finishes what the state of release %s left unfinished, changes nothing else, and can destroy it",
  async (release) => {
    await using bench = await startBench({ files: { "index.js": releaseIndependentProgram } });
    const { deployment, managed } = createObjects(bench, release);
    await bench.stack.importDeployment(deployment);
    const { changeSummary } = await succeed(bench.stack.preview());
    expect(changeSummary).toMatchObject({ update: 1, same: managed.length });
    await succeed(bench.stack.up());
    await succeed(bench.stack.preview({ expectNoChanges: true }));
    await succeed(bench.stack.refresh());
    await succeed(bench.stack.destroy());
    // Nothing is left, because the fixture's read-only resource reads one of its managed pools.
    expect(alive(bench)).toEqual([]);
  },
);

test.each(releases)(
  "moves the state of release %s to the plugin by an alias, and back, without a write",
  async (release) => {
    await using bench = await startBench({ host: "native", files: { "index.js": releaseIndependentProgram } });
    const { deployment, ours, managed } = createObjects(bench, release);
    await bench.stack.importDeployment(deployment);
    const ids = () => bench.stack.state.flatMap(({ type, id }) => (isOurType(type) ? [id] : [])).sort();
    const before = ids();
    for (const host of ["native", "dynamic"] as const) {
      declareIn(host, bench, ours);
      const { changeSummary } = await succeed(bench.stack.up());
      // The plugin finishes what the release left unfinished, and drops its `__provider`. The way back adds it again.
      expect({ host, ...changeSummary }).toMatchObject({ host, update: 1, same: managed.length });
      expect(bench.calls().filter(isWrite)).toEqual([]);
      expect(ids()).toEqual(before);
      const types = bench.stack.state.map(({ type }) => type).filter(isOurType);
      expect(types.filter((type) => !isTypeIn(host, type))).toEqual([]);
      await succeed(bench.stack.preview({ expectNoChanges: true }));
      bench.calls();
    }
    await succeed(bench.stack.destroy());
    expect(alive(bench)).toEqual([]);
  },
);

test.each(releases)(
  "refuses the state of release %s in every command, and changes nothing, once a newer release has written it",
  async (release) => {
    await using bench = await startBench({ files: { "index.js": releaseIndependentProgram } });
    const { deployment, managed } = createObjects(bench, release);
    for (const { outputs } of managed) Object.assign(outputs ?? {}, { __version: 2, ofTomorrow: true });
    await bench.stack.importDeployment(deployment);
    // A read-only resource has no version.
    const idsInState = () => bench.stack.state.flatMap(({ urn, id, external }) => (external ? [] : [[urn, id]]));
    const before = idsInState();
    bench.calls();
    const refused = /written by a newer release of pulumi-ona .*Nothing was changed. Install that release/;
    for (const run of [
      () => bench.stack.preview(),
      () => bench.stack.up(),
      () => bench.stack.refresh(),
      () => bench.stack.destroy(),
    ])
      expect(await fail(run())).toMatch(refused);
    expect(bench.calls().filter(isWrite)).toEqual([]);
    expect(idsInState()).toEqual(before);
  },
);

test("refuses an input that only a newer release has, and names the input and the installed release", async () => {
  await using bench = await startBench({ files: { "index.js": releaseIndependentProgram } });
  const [release = ""] = releases;
  const { managed } = createObjects(bench, release);
  const pool = managed.find(({ type }) => type.endsWith("WarmPool"));
  bench.declare({ name: "web", args: {}, ...{ type: pool?.type, inputs: { ...pool?.inputs, spotInstances: true } } });
  expect(await fail(bench.stack.preview())).toMatch(
    /spotInstances is not a property of this resource in pulumi-ona \d/,
  );
});

test("ids that someone wrote in upper case into the state are the same objects", async () => {
  await using bench = await startBench();
  const pair = { projectId: bench.project, environmentClassId: bench.regular };
  bench.declare({ name: "web", args: { ...pair, waitForReady: false } });
  await succeed(bench.stack.up());
  const deployment = JSON.stringify(await bench.stack.exportDeployment());
  const [pool] = bench.sim.pools;
  const ids = [pool?.id ?? "", ...Object.values(pair)];
  const edited = ids.reduce((text, id) => text.replaceAll(id, id.toUpperCase()), deployment);
  expect(edited).not.toBe(deployment);
  await bench.stack.importDeployment(JSON.parse(edited) as UntypedDeployment);
  await succeed(bench.stack.refresh());
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  bench.declare();
  await succeed(bench.stack.up());
  expect(bench.sim.pools.map(({ phase }) => phase)).toEqual(["DELETED"]);
});
