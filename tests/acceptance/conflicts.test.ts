/** One pool a pair: what happens when it is there already, is renamed, replaced, swapped or on its way out. */
import { type Bench, expectSettled, fail, startBench, succeed } from "../support/warm-pools";

const pool = (name: string, projectId: string, environmentClassId: string, more: object = {}, opts: object = {}) => ({
  name,
  args: { projectId, environmentClassId, minSize: 1, maxSize: 2, ...more },
  opts: { ...opts },
});
const alive = (bench: Bench) => bench.sim.pools.filter(({ phase }) => phase !== "DELETED");

test.each(["already_exists", "failed_precondition", "aborted"] as const)(
  "a pool that exists is left alone, and the error (%s) names its id and what to do",
  async (duplicatePair) => {
    await using bench = await startBench({ simulator: { unknowns: { duplicatePair } } });
    const { id } = bench.sim.createPool({
      projectId: bench.project,
      environmentClassId: bench.regular,
      minSize: 3,
      maxSize: 7,
    });
    bench.declare(pool("web", bench.project, bench.regular));
    const error = await fail(bench.stack.up());
    for (const said of [id, "adoptExisting", "pulumi-ona import", "alias", "minSize 3, maxSize 7"])
      expect(error).toContain(said);
    expect(bench.sim.pool(id)).toMatchObject({ minSize: 3, maxSize: 7 });
    expect(bench.stack.state.some((resource) => resource.id === id)).toBe(false);
  },
);

test("a class that the project's configuration does not contain ends with the API's words and what to check", async () => {
  await using bench = await startBench();
  bench.sim.configureProject(bench.project, { environmentClassIds: [bench.large] });
  bench.declare(pool("web", bench.project, bench.regular));
  expect(await fail(bench.stack.up())).toMatch(
    /the Ona API answered failed_precondition.*prebuild configuration contains the environment class/,
  );
});

test.each(["already_exists", "failed_precondition", "aborted"] as const)(
  "a create while the old pool is DELETING (%s) waits for the drain instead of failing",
  async (createWhileDeleting) => {
    await using bench = await startBench({ simulator: { unknowns: { createWhileDeleting } } });
    const { id } = bench.sim.createPool({ projectId: bench.project, environmentClassId: bench.regular });
    bench.sim.drain(id);
    bench.declare(pool("web", bench.project, bench.regular));
    await succeed(bench.stack.up());
    expect(alive(bench)).toMatchObject([{ phase: "READY" }]);
    await expectSettled(bench);
  },
);

test("a changed class replaces the pool, deleting first", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular));
  await succeed(bench.stack.up());
  bench.declare(pool("web", bench.project, bench.large));
  const preview = await succeed(bench.stack.preview());
  expect(preview.changeSummary).toMatchObject({ replace: 1 });
  bench.calls();
  await succeed(bench.stack.up());
  const writes = bench.calls().filter((rpc) => /^(Create|Delete)/.test(rpc));
  expect(writes).toEqual(["DeleteWarmPool", "CreateWarmPool"]);
  expect(alive(bench)).toMatchObject([{ environmentClassId: bench.large }]);
  await expectSettled(bench);
});

test("a replacement forced from outside deletes first too", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular));
  await succeed(bench.stack.up());
  const urn = bench.stack.state.find((resource) => resource.urn.endsWith("::web"))?.urn ?? "";
  await succeed(bench.stack.up({ replace: [urn] }));
  expect(alive(bench)).toHaveLength(1);
  await expectSettled(bench);
});

test("two pools can swap their pairs in one update, and progress calls each by its own name", async () => {
  await using bench = await startBench();
  bench.declare(pool("a", bench.project, bench.regular), pool("b", bench.project, bench.large, { maxSize: 5 }));
  await succeed(bench.stack.up());
  bench.declare(pool("a", bench.project, bench.large), pool("b", bench.project, bench.regular, { maxSize: 5 }));
  const before = Object.fromEntries(alive(bench).map(({ id, maxSize }) => [maxSize === 5 ? "b" : "a", id]));
  const { text } = await succeed(bench.stack.up());
  for (const [name, id] of Object.entries(before)) expect(text).toContain(`warm pool ${name} (${id}): DELETING`);
  expect(alive(bench).map(({ environmentClassId, maxSize }) => [environmentClassId, maxSize])).toEqual(
    expect.arrayContaining([
      [bench.large, 2],
      [bench.regular, 5],
    ]),
  );
  await expectSettled(bench);
});

test("pools of projects that a preview does not know yet are not taken for those of one pair", async () => {
  await using bench = await startBench();
  const classOf = (name: string, output: string) => ({
    name,
    args: { environmentClassId: bench.regular },
    from: { projectId: ["first", output] as const },
  });
  bench.declare(
    pool("first", bench.project, bench.large),
    classOf("second", "runnerId"),
    classOf("third", "organizationId"),
  );
  await succeed(bench.stack.preview());
});

test("renamed with an alias nothing happens to the pool", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular));
  await succeed(bench.stack.up());
  bench.declare(pool("shop", bench.project, bench.regular, {}, { aliases: [{ name: "web" }] }));
  bench.calls();
  await succeed(bench.stack.up({ expectNoChanges: true }));
  expect(bench.calls()).toEqual([]);
});

test("renamed without an alias the error names the pool and the alias, and the pool stays", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular));
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  bench.declare(pool("shop", bench.project, bench.regular));
  const error = await fail(bench.stack.up());
  expect(error).toContain(before?.id);
  expect(error).toContain("alias");
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
});

test("renamed without an alias, a pool that the new resource adopts is not deleted with the old one", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular, { adoptExisting: true }));
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  bench.declare(pool("shop", bench.project, bench.regular, { adoptExisting: true }));
  const { text } = await succeed(bench.stack.up());
  expect(text).toContain("it is not deleted: another resource of this update has adopted it");
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  expect(bench.calls()).not.toContain("DeleteWarmPool");
  await expectSettled(bench);
});

test("a replacement that creates first and adopts takes over its own pool, which is then not deleted with the old resource", async () => {
  await using bench = await startBench();
  const web = pool("web", bench.project, bench.regular, { adoptExisting: true }, { deleteBeforeReplace: false });
  bench.declare(web);
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  const urn = bench.stack.state.find((resource) => resource.urn.endsWith("::web"))?.urn ?? "";
  bench.calls();
  const { text } = await succeed(bench.stack.up({ replace: [urn] }));
  expect(text).toContain("it is not deleted: another resource of this update has adopted it");
  expect(bench.calls()).not.toContain("DeleteWarmPool");
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  expect(bench.stack.state.filter(({ id }) => id === before?.id)).toHaveLength(1);
  await expectSettled(bench);
});

test("without adoptExisting such a replacement fails, names the pool, and leaves it alone", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular, {}, { deleteBeforeReplace: false }));
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  const urn = bench.stack.state.find((resource) => resource.urn.endsWith("::web"))?.urn ?? "";
  expect(await fail(bench.stack.up({ replace: [urn] }))).toContain(`already have a warm pool: ${before?.id}`);
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  await expectSettled(bench);
});

/** A pool of a project without prebuilds, so that the update fails once the pool `after` is there, and deletes nothing. */
const impossible = (bench: Bench, after: string) => {
  bench.sim.configureProject(bench.otherProject, { prebuildsEnabled: false });
  return { ...pool("other", bench.otherProject, bench.regular), from: { maxSize: [after, "maxSize"] as const } };
};

/** The pool of `web` is taken over by `shop` in an update that fails before it drops `web`, so that both have it in state. */
async function takenOverInPart(bench: Bench) {
  bench.declare(pool("web", bench.project, bench.regular));
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  const shop = pool("shop", bench.project, bench.regular, { adoptExisting: true });
  bench.declare(shop, impossible(bench, "shop"));
  await fail(bench.stack.up());
  return { before, shop };
}

test("a pool that was taken over in an update that failed is not deleted by the next one, which drops the old resource", async () => {
  await using bench = await startBench();
  const { before, shop } = await takenOverInPart(bench);
  expect(bench.stack.state.filter(({ id }) => id === before?.id)).toHaveLength(2);

  bench.declare(shop);
  bench.calls();
  const { text } = await succeed(bench.stack.up());
  expect(text).toContain("it is not deleted, because another resource of this stack has it");
  expect(bench.calls()).not.toContain("DeleteWarmPool");
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  await expectSettled(bench);
});

test("of two resources that have the same pool, a refresh before the update changes nothing about that", async () => {
  await using bench = await startBench();
  const { before, shop } = await takenOverInPart(bench);

  bench.declare(shop);
  await succeed(bench.stack.up({ refresh: true }));
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  bench.declare();
  await succeed(bench.stack.up({ refresh: true }));
  expect(alive(bench)).toEqual([]);
});

test("a replacement that only the engine decides on deletes the pool that it replaces", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular, {}, { replaceOnChanges: ["maxSize"] }));
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  bench.declare(pool("web", bench.project, bench.regular, { maxSize: 7 }, { replaceOnChanges: ["maxSize"] }));
  await succeed(bench.stack.up());
  expect(alive(bench)).toMatchObject([{ maxSize: 7 }]);
  expect(alive(bench)[0]?.id).not.toBe(before?.id);
  await expectSettled(bench);
});
