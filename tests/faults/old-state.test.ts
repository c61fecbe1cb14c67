/** State that an older release has stored goes on with this one, and state of a newer one is refused, in real processes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { UntypedDeployment } from "../../src/testing/engine/index.js";
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

/** The program as any release registers its resources: the stub and the checked inputs, without anything of this release's program side. */
const raw = `
const pulumi = require("@pulumi/pulumi");
for (const { type, name, inputs, id } of JSON.parse(require("fs").readFileSync("declared.json", "utf8")))
  new pulumi.CustomResource(type, name, inputs, id === undefined ? {} : { id });
`;

/** Makes at the simulator what a state describes, and puts the simulator's ids into the state. */
function settle(bench: Bench, release: string): { deployment: Fixture; managed: Stored[] } {
  const deployment = JSON.parse(readFileSync(join(fixtures, `${release}.json`), "utf8")) as Fixture;
  const ours = deployment.deployment.resources.filter(({ type }) => type.includes("/ona:"));
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
  bench.declare(
    ...ours.map(({ urn, type, id, external, inputs = {} }) => ({
      name: urn.split("::").at(-1) ?? "",
      args: {},
      ...{ type, inputs, ...(external === true ? { id } : {}) },
    })),
  );
  return { deployment, managed: ours.filter(({ external }) => external !== true) };
}

const alive = ({ sim }: Bench) => [
  ...sim.pools.filter(({ phase }) => phase !== "DELETED"),
  ...sim.prebuilds.filter(({ triggeredBy, phase }) => triggeredBy === "MANUAL" && phase !== "DELETED"),
];

test.each(releases)(
  "the state of %s, and a program of that release, plan nothing but what was unfinished; up finishes it, destroy deletes all",
  async (release) => {
    await using bench = await startBench({ files: { "index.js": raw } });
    const { deployment, managed } = settle(bench, release);
    await bench.stack.importDeployment(deployment);
    const { changeSummary } = await succeed(bench.stack.preview());
    expect(changeSummary).toMatchObject({ update: 1, same: managed.length });
    await succeed(bench.stack.up());
    await succeed(bench.stack.preview({ expectNoChanges: true }));
    await succeed(bench.stack.refresh());
    await succeed(bench.stack.destroy());
    // What was only read stays; one of the fixture's pools has its pair.
    expect(alive(bench)).toEqual([]);
  },
);

test.each(releases)(
  "the state of %s, once a newer release has written it, is refused by every command, and nothing is changed",
  async (release) => {
    await using bench = await startBench({ files: { "index.js": raw } });
    const { deployment, managed } = settle(bench, release);
    for (const { outputs } of managed) Object.assign(outputs ?? {}, { __version: 2, ofTomorrow: true });
    await bench.stack.importDeployment(deployment);
    // What is only read has no shape to be refused.
    const kept = () => bench.stack.state.flatMap(({ urn, id, external }) => (external ? [] : [[urn, id]]));
    const before = kept();
    bench.calls();
    const refused = /written by a newer release of pulumi-ona .*Nothing was changed. Install that release/;
    for (const run of [
      () => bench.stack.preview(),
      () => bench.stack.up(),
      () => bench.stack.refresh(),
      () => bench.stack.destroy(),
    ])
      expect(await fail(run())).toMatch(refused);
    expect(bench.calls().filter((rpc) => /^(?:Create|Update|Delete|Cancel)/.test(rpc))).toEqual([]);
    expect(kept()).toEqual(before);
  },
);

test("an input that only a newer release has is refused by name, with the release that is installed", async () => {
  await using bench = await startBench({ files: { "index.js": raw } });
  const [release = ""] = releases;
  const { managed } = settle(bench, release);
  const pool = managed.find(({ type }) => type.endsWith("WarmPool"));
  bench.declare({ name: "web", args: {}, ...{ type: pool?.type, inputs: { ...pool?.inputs, spotInstances: true } } });
  expect(await fail(bench.stack.preview())).toMatch(
    /spotInstances is not a property of this resource .* in pulumi-ona \d/,
  );
});
