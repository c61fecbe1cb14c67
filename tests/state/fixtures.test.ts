/** State that any release stored is checked, compared, read and deleted by this release. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { prebuild, warmPool } from "../../src/provider.js";
import { type Simulator, startSimulator } from "../../src/testing/simulator/index.js";

type Properties = Record<string, unknown>;

interface Stored {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly external?: boolean;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

const folder = join(__dirname, "fixtures");
const releases = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));

function storedBy(release: string): Stored[] {
  const file = JSON.parse(readFileSync(join(folder, `${release}.json`), "utf8")) as {
    deployment: { resources: Stored[] };
  };
  return file.deployment.resources.filter(({ type }) => type.includes("/ona:"));
}

const providerOf = ({ type }: Stored) => (type.endsWith("Prebuild") ? prebuild : warmPool);
const nameOf = ({ urn }: Stored) => urn.split("::").at(-1) ?? "";
const all = releases.flatMap((release) =>
  storedBy(release).map((stored) => [release, nameOf(stored), stored] as const),
);
const managed = all.filter(([, , stored]) => stored.external !== true);

let sim: Simulator;

// One simulator for all tests, because a provider process keeps its first configuration.
beforeAll(async () => {
  sim = await startSimulator({ timings: { poolReady: 0, poolDrain: 0, prebuildDeleting: 0, prebuildCancelling: 0 } });
  process.env["ONA_API_KEY"] = sim.token;
  process.env["ONA_BASE_URL"] = sim.url;
  for (const provider of [warmPool, prebuild]) await provider.configure({ config: { get: () => undefined } });
  jest.spyOn(console, "log").mockImplementation(() => undefined);
});
afterEach(() => {
  for (const { id } of [...sim.pools, ...sim.prebuilds]) sim.remove(id);
  sim.clearRequests();
});
afterAll(() => sim.close());

/** Creates what a state describes in the simulator and returns its id there. */
function createInSimulator({ type, outputs }: Stored): string {
  const { projectId, environmentClassId, minSize, maxSize, creatorId } = outputs as Record<string, string & number>;
  const pair = { projectId: String(projectId), environmentClassId: String(environmentClassId) };
  if (type.endsWith("Prebuild")) return sim.createPrebuild({ ...pair, creatorId: String(creatorId) }).id;
  return sim.createPool({ ...pair, minSize: Number(minSize), maxSize: Number(maxSize) }).id;
}

test.each(managed)(
  "the state of release %s for %s has no changes unless it is unfinished",
  async (_release, name, stored) => {
    const { inputs, failures } = await providerOf(stored).check(stored.inputs, stored.inputs);
    expect(failures).toEqual([]);
    expect(inputs).toEqual(stored.inputs);
    const diff = await providerOf(stored).diff(stored.id, stored.outputs, inputs);
    expect(diff).toMatchObject({ replaces: [], changes: name === "unfinished" });
    expect(sim.requests).toEqual([]);
  },
);

test.each(all)("the state of release %s for %s can be read and shows no drift", async (_release, name, stored) => {
  const provider = providerOf(stored);
  const id = createInSimulator(stored);
  const read = await provider.read(id, stored.outputs);
  expect(read.id).toBe(id);
  if (stored.external === true) return;
  if (stored.type.endsWith("Prebuild")) expect(read.props).toMatchObject({ snapshotCompletionPercentage: null });
  // The dynamic host adds the provider's text to what a read returns.
  const { __provider } = stored.outputs;
  const diff = await provider.diff(id, { ...read.props, __provider }, stored.inputs);
  expect(diff.replaces).toEqual([]);
  if (name !== "completed") expect(diff.changes).toBe(false);
});

test.each(managed)("the object in the state of release %s for %s can be deleted", async (_release, _name, stored) => {
  const id = createInSimulator(stored);
  await providerOf(stored).delete(id, stored.outputs);
  expect([...sim.pools, ...sim.prebuilds].find((each) => each.id === id)?.phase).toBe("DELETED");
});

test.each(managed)(
  "the state of release %s for %s may have unknown properties or lack known ones",
  async (_release, name, stored) => {
    const more = { ...stored.outputs, ofTomorrow: { a: [1] }, __ofTomorrow: true };
    expect(await providerOf(stored).diff(stored.id, more, stored.inputs)).toMatchObject({
      replaces: [],
      changes: name === "unfinished",
    });
    const {
      updatedAt: _updatedAt,
      runnerId: _runnerId,
      organizationId: _organizationId,
      __version: _version,
      ...less
    } = stored.outputs;
    expect(await providerOf(stored).diff(stored.id, less, stored.inputs)).toMatchObject({
      replaces: [],
      changes: name === "unfinished",
    });
  },
);

test.each(managed)(
  "the state of release %s for %s with a newer version is refused with advice",
  async (_release, _name, stored) => {
    const provider = providerOf(stored);
    const newer = { ...stored.outputs, __version: 2 };
    const refused = /written by a newer release of pulumi-ona.*Nothing was changed. Install that release/;
    await expect(provider.diff(stored.id, newer, stored.inputs)).rejects.toThrow(refused);
    await expect(provider.read(stored.id, newer)).rejects.toThrow(refused);
    await expect(provider.update(stored.id, newer, stored.inputs)).rejects.toThrow(refused);
    await expect(provider.delete("0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11", newer)).rejects.toThrow(refused);
    expect(sim.requests).toEqual([]);
  },
);
