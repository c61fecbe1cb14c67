/** A preview refuses invalid inputs of a warm pool by property, without a call. */
import { type Bench, fail, startBench, succeed } from "../support/warm-pools.js";

const good = (bench: Bench) => ({ projectId: bench.project, environmentClassId: bench.regular });

test("a preview reports every invalid input of a warm pool by property and makes no call", async () => {
  await using bench = await startBench();
  const args = { projectId: "storefront", minSize: -1, maxSize: 2.5, minsize: 1, desiredSize: 3 };
  bench.declare({ name: "web", args });
  const errors = await fail(bench.stack.preview());
  for (const said of [
    "projectId must be a UUID such as",
    "environmentClassId is required",
    "minSize must be a whole number from 0 to 20, got -1",
    "maxSize must be a whole number from 1 to 20, got 2.5",
    "minsize is not a property of this resource. Did you mean minSize?",
    "desiredSize is an output and cannot be set",
  ]) {
    expect(errors).toContain(said);
  }
  expect(bench.calls()).toEqual([]);
});

test("unknown values pass the preview and are checked once they are known", async () => {
  await using bench = await startBench();
  const first = { name: "first", args: good(bench) };
  const second = {
    name: "second",
    args: { environmentClassId: bench.large },
    from: {
      projectId: ["first", "projectId"],
      minSize: ["first", "desiredSize"],
      maxSize: ["first", "maxSize"],
    } as const,
  };
  bench.declare(first, second);
  const preview = await succeed(bench.stack.preview());
  expect(preview.changeSummary).toMatchObject({ create: 3 });
  expect(preview.operations.find(({ name }) => name === "second")?.after?.inputs).toMatchObject({
    minSize: "[unknown]",
  });
  await succeed(bench.stack.up());
  expect(bench.sim.pools).toMatchObject([
    {},
    { projectId: bench.project, environmentClassId: bench.large, maxSize: 2 },
  ]);
});

test("an unknown id that turns out to be invalid is refused before any call", async () => {
  await using bench = await startBench();
  const first = { name: "first", args: good(bench) };
  bench.declare(first, {
    name: "second",
    args: { environmentClassId: bench.large },
    from: { projectId: ["first", "phase"] },
  });
  expect(await fail(bench.stack.up())).toContain("projectId must be a UUID such as");
  expect(bench.calls().filter((rpc) => rpc === "CreateWarmPool")).toHaveLength(1);
});

test("ids in upper case are no change", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: good(bench) });
  await succeed(bench.stack.up());
  bench.declare({ name: "web", args: { projectId: bench.project.toUpperCase(), environmentClassId: bench.regular } });
  await succeed(bench.stack.preview({ expectNoChanges: true }));
});

test("customTimeouts with an invalid duration are refused by operation", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: good(bench), opts: { customTimeouts: { create: "soon" } } });
  expect(await fail(bench.stack.preview())).toContain("web: customTimeouts.create must be a positive duration");
});

test("a size that conflicts with an unmanaged one is reported at preview and refused before any call that changes it", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: { ...good(bench), minSize: 1 } });
  await succeed(bench.stack.up());
  bench.declare({ name: "web", args: { ...good(bench), minSize: 5 } });
  const crossing = "minSize (5) is greater than the pool's unmanaged maxSize (2)";
  expect((await succeed(bench.stack.preview())).text).toContain(crossing);
  bench.calls();
  expect(await fail(bench.stack.up())).toContain(crossing);
  expect(bench.calls()).toEqual(["GetWarmPool"]);
  expect(bench.sim.pools).toMatchObject([{ minSize: 1, maxSize: 2 }]);
});

test("the resource option import is refused with the ways that work", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: good(bench), opts: { import: "b0e12f6c-4c67-429d-a4a6-d9838b5da047" } });
  const error = await fail(bench.stack.preview());
  for (const said of ["adoptExisting", "pulumi import --file"]) expect(error).toContain(said);
});

test("two resources for the same project and environment class are refused at preview with both names", async () => {
  await using bench = await startBench();
  bench.declare(
    { name: "one", args: { ...good(bench), adoptExisting: true } },
    { name: "two", args: { ...good(bench), adoptExisting: true } },
  );
  expect(await fail(bench.stack.preview())).toMatch(
    /(one and two|two and one) declare a warm pool with the same projectId and environmentClassId: only one can exist/,
  );
});
