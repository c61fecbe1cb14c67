/** One pool per pair: conflicts, renames, replacements, swaps, and pools that are being deleted. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hosts } from "../support/hosts.js";
import { type Bench, expectSettled, fail, startBench, succeed } from "../support/warm-pools";

const pool = (name: string, projectId: string, environmentClassId: string, more: object = {}, opts: object = {}) => ({
  name,
  args: { projectId, environmentClassId, minSize: 1, maxSize: 2, ...more },
  opts: { ...opts },
});
const alive = (bench: Bench) => bench.sim.pools.filter(({ phase }) => phase !== "DELETED");

test.each(["already_exists", "failed_precondition", "aborted"] as const)(
  "up leaves an existing pool alone, and its error (%s) names the id and what to do",
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

test("up fails with the API's message and the classes to use if the project lacks the environment class", async () => {
  await using bench = await startBench();
  bench.sim.configureProject(bench.project, { environmentClassIds: [bench.large] });
  bench.declare(pool("web", bench.project, bench.regular));
  expect(await fail(bench.stack.up())).toMatch(
    /the Ona API answered failed_precondition.*which is not in the prebuild configuration of project storefront .*or use large/,
  );
});

test.each(["already_exists", "failed_precondition", "aborted"] as const)(
  "a create waits until a DELETING pool of the pair is gone (%s)",
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

test("a changed environment class replaces the pool and deletes the old one first", async () => {
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

test("a forced replacement also deletes first", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular));
  await succeed(bench.stack.up());
  const urn = bench.stack.state.find((resource) => resource.urn.endsWith("::web"))?.urn ?? "";
  await succeed(bench.stack.up({ replace: [urn] }));
  expect(alive(bench)).toHaveLength(1);
  await expectSettled(bench);
});

test("two pools can swap their pairs in one update, and progress lines use the right names", async () => {
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

test("a preview does not mistake pools of unknown projects for the same pair", async () => {
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

test("a resource that is renamed with an alias keeps its pool", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular));
  await succeed(bench.stack.up());
  bench.declare(pool("shop", bench.project, bench.regular, {}, { aliases: [{ name: "web" }] }));
  bench.calls();
  await succeed(bench.stack.up({ expectNoChanges: true }));
  expect(bench.calls()).toEqual([]);
});

test("a resource that is renamed without an alias fails, names the pool and the alias, and keeps the pool", async () => {
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

test("a renamed resource that adopts its old pool keeps it", async () => {
  await using bench = await startBench();
  bench.declare(pool("web", bench.project, bench.regular, { adoptExisting: true }));
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  bench.declare(pool("shop", bench.project, bench.regular, { adoptExisting: true }));
  const { text } = await succeed(bench.stack.up());
  expect(text).toContain("it is not deleted with the old resource, because a resource of this update has adopted it");
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  expect(bench.calls()).not.toContain("DeleteWarmPool");
  await expectSettled(bench);
});

test("a create-before-delete replacement with adoptExisting keeps its pool", async () => {
  await using bench = await startBench();
  const web = pool("web", bench.project, bench.regular, { adoptExisting: true }, { deleteBeforeReplace: false });
  bench.declare(web);
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  const urn = bench.stack.state.find((resource) => resource.urn.endsWith("::web"))?.urn ?? "";
  bench.calls();
  const { text } = await succeed(bench.stack.up({ replace: [urn] }));
  expect(text).toContain("it is not deleted with the old resource, because a resource of this update has adopted it");
  expect(bench.calls()).not.toContain("DeleteWarmPool");
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  expect(bench.stack.state.filter(({ id }) => id === before?.id)).toHaveLength(1);
  await expectSettled(bench);
});

test("a create-before-delete replacement without adoptExisting fails and leaves the pool alone", async () => {
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

/** The pool is in state twice. An `up` of the resource that has it drops the other one from state, and deletes nothing. */
async function expectKeptByUp(bench: Bench, poolId: string | undefined, resource: ReturnType<typeof pool>) {
  expect(bench.stack.state.filter(({ id }) => id === poolId)).toHaveLength(2);
  bench.declare(resource);
  bench.calls();
  const { text } = await succeed(bench.stack.up());
  expect(text).toContain("it is not deleted with the old resource, because another resource of this stack has it");
  expect(bench.calls()).not.toContain("DeleteWarmPool");
  expect(alive(bench).map(({ id }) => id)).toEqual([poolId]);
  await expectSettled(bench);
}

test("a pool that a failed update adopted is not deleted by the next update", async () => {
  await using bench = await startBench();
  const { before, shop } = await takenOverInPart(bench);
  await expectKeptByUp(bench, before?.id, shop);
});

test.each(hosts)("a pool that a failed replacement adopted is not deleted by the next update (%s)", async (host) => {
  await using bench = await startBench({ host });
  const web = pool("web", bench.project, bench.regular, { adoptExisting: true }, { deleteBeforeReplace: false });
  bench.declare(web);
  await succeed(bench.stack.up());
  const [before] = alive(bench);
  const urn = bench.stack.state.find((resource) => resource.urn.endsWith("::web"))?.urn ?? "";
  bench.declare(web, impossible(bench, "web"));
  await fail(bench.stack.up({ replace: [urn] }));
  await expectKeptByUp(bench, before?.id, web);
});

test("a refresh does not make the next update delete a pool that two resources have", async () => {
  await using bench = await startBench();
  const { before, shop } = await takenOverInPart(bench);

  bench.declare(shop);
  await succeed(bench.stack.up({ refresh: true }));
  expect(alive(bench).map(({ id }) => id)).toEqual([before?.id]);
  bench.declare();
  await succeed(bench.stack.up({ refresh: true }));
  expect(alive(bench)).toEqual([]);
});

test("a replacement that only the engine decides deletes the old pool", async () => {
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

test("a pool that moves into ProjectWarmPools keeps its pool with the alias in docs/compatibility.md", async () => {
  const docs = readFileSync(join(__dirname, "../../docs/compatibility.md"), "utf8");
  const [, moved] = /^```ts\n([^]*?)^```/m.exec(docs) ?? [];
  await using bench = await startBench({
    files: {
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const { ProjectWarmPools, WarmPool } = require("pulumi-ona");
const { projectId, environmentClassId, isMoved } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"))[0].args;
if (!isMoved) new WarmPool("web", { projectId, environmentClassId });
else { ${moved} }`,
    },
  });
  const args = { projectId: bench.project, environmentClassId: bench.regular };
  bench.declare({ name: "any", args });
  await succeed(bench.stack.up());
  bench.declare({ name: "any", args: { ...args, isMoved: true } });
  bench.calls();
  const { changeSummary } = await succeed(bench.stack.up());
  expect(changeSummary).toEqual({ create: 1, same: 2 }); // The component is new.
  expect(bench.calls()).toEqual([]);
});
