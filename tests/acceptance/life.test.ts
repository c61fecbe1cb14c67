/** The lifecycle of a pool through the real SDK and provider process. After each step a preview shows no changes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, comparableState, expectSettled, startBench, succeed } from "../support/warm-pools";

const web = (bench: Bench, sizes: object = { minSize: 1, maxSize: 4 }, more: object = {}) => ({
  name: "web",
  args: { projectId: bench.project, environmentClassId: bench.regular, ...sizes, ...more },
});

test("a create takes one Create and one Get per poll, and state matches the API", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  const { outputs } = await succeed(bench.stack.up());
  const calls = bench.calls();
  expect(calls.filter((rpc) => rpc !== "GetWarmPool")).toEqual(["CreateWarmPool"]);
  expect(calls[0]).toBe("CreateWarmPool");
  const [pool] = bench.sim.pools;
  expect(outputs["web"]?.value).toEqual({ id: pool?.id, phase: "READY" });
  expect(pool).toMatchObject({ minSize: 1, maxSize: 4, projectId: bench.project, environmentClassId: bench.regular });
  await expectSettled(bench);
});

test("an update resizes with one Get and one Update, and sends no unmanaged size", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const id = bench.sim.pools[0]?.id;
  bench.declare(web(bench, { maxSize: 6 }));
  const preview = await succeed(bench.stack.preview());
  expect(preview.operations.find(({ name }) => name === "web")).toMatchObject({
    op: "update",
    diff: { maxSize: { before: 4, after: 6 }, minSize: { before: 1, after: undefined } },
  });
  bench.calls();
  await succeed(bench.stack.up());
  expect(bench.sim.requests.map(({ rpc, body }) => [rpc, body])).toEqual([
    ["GetWarmPool", { warmPoolId: id }],
    ["UpdateWarmPool", { warmPoolId: id, maxSize: 6 }],
  ]);
  expect(bench.sim.pools).toHaveLength(1);
  expect(bench.sim.pools[0]).toMatchObject({ id, minSize: 1, maxSize: 6 });
  await expectSettled(bench);
});

test("the state of an adopted pool equals that of a created one", async () => {
  await using created = await startBench();
  created.declare(web(created, undefined, { adoptExisting: true }));
  await succeed(created.stack.up());

  await using adopted = await startBench();
  const { id } = adopted.sim.createPool({
    projectId: adopted.project,
    environmentClassId: adopted.regular,
    minSize: 2,
    maxSize: 9,
  });
  adopted.declare(web(adopted, undefined, { adoptExisting: true }));
  const { text } = await succeed(adopted.stack.up());
  expect(text).toMatch(
    new RegExp(
      `warm pool web \\(${id}\\): adopted the existing warm pool \\(PENDING, created \\S+\\): minSize 2 => 1, maxSize 9 => 4`,
    ),
  );
  expect(adopted.sim.pools.map((pool) => pool.id)).toEqual([id]);
  const stable = (bench: Bench) => {
    const { inputs, outputs } = comparableState(bench.stack, "web") as {
      inputs: object;
      outputs: Record<string, unknown>;
    };
    const { snapshotId, organizationId, runnerId, ...rest } = outputs;
    expect([snapshotId, organizationId, runnerId].every((value) => typeof value === "string")).toBe(true);
    return { inputs, outputs: rest };
  };
  expect(stable(adopted)).toEqual(stable(created));
  await expectSettled(adopted);
});

test("a pool imported with the file of docs/adopting.md is managed without a write", async () => {
  await using bench = await startBench();
  const { id } = bench.sim.createPool({
    projectId: bench.project,
    environmentClassId: bench.regular,
    minSize: 1,
    maxSize: 4,
  });
  bench.sim.clock.advance(60_000);
  const docs = readFileSync(join(__dirname, "../../docs/adopting.md"), "utf8");
  const file = (/```json\n(.*?)```/s.exec(docs)?.[1] ?? "")
    .replaceAll("0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11", id)
    .replaceAll("b0e12f6c-4c67-429d-a4a6-d9838b5da047", bench.project)
    .replaceAll("d2c94c27-3b76-4a42-b88c-95a85e392c68", bench.regular);
  await succeed(bench.stack.import(JSON.parse(file) as Parameters<typeof bench.stack.import>[0]));
  bench.declare({ ...web(bench), opts: { protect: true } });
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  await succeed(bench.stack.refresh());
  expect(bench.calls()).toEqual(["GetWarmPool"]);
  await expectSettled(bench);

  await using created = await startBench();
  created.declare(web(created));
  await succeed(created.stack.up());
  const outputs = ({ stack }: Bench) =>
    Object.keys((comparableState(stack, "web") as { outputs: object }).outputs).sort();
  expect(outputs(bench)).toEqual(outputs(created));
});

test("a resize outside Pulumi is drift and is restored", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const id = bench.sim.pools[0]?.id ?? "";
  bench.sim.resize(id, { minSize: 1, maxSize: 2 });
  const drift = await bench.stack.refresh({ previewOnly: true, expectNoChanges: true });
  expect(drift.exitCode).toBe(7);
  const [found] = drift.operations.filter(({ op }) => op !== "same");
  expect(found).toMatchObject({ name: "web" });
  expect(found?.diff).toEqual({ maxSize: { before: 4, after: 2 } });
  expect(drift.text).toContain("~ maxSize: 4 => 2");
  expect(drift.text).not.toContain("minSize");
  await succeed(bench.stack.up({ refresh: true }));
  expect(bench.sim.pool(id)).toMatchObject({ minSize: 1, maxSize: 4 });
  await expectSettled(bench);
});

test("volatile outputs are never drift", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const id = bench.sim.pools[0]?.id ?? "";
  bench.sim.rotate(id);
  bench.sim.scale(id, 3);
  await succeed(bench.stack.refresh({ previewOnly: true, expectNoChanges: true }));
  bench.sim.degrade(id, "no capacity");
  await succeed(bench.stack.refresh({ previewOnly: true, expectNoChanges: true }));
  await succeed(bench.stack.refresh());
  await succeed(bench.stack.preview({ expectNoChanges: true }));
});

test("a pool that someone deleted is drift and is created again", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const id = bench.sim.pools[0]?.id ?? "";
  bench.sim.remove(id);
  const drift = await bench.stack.refresh({ previewOnly: true, expectNoChanges: true });
  expect(drift).toMatchObject({ exitCode: 7, changeSummary: { delete: 1 } });
  await succeed(bench.stack.up({ refresh: true }));
  const left = bench.sim.pools.filter(({ phase }) => phase !== "DELETED");
  expect(left).toMatchObject([{ minSize: 1, maxSize: 4 }]);
  expect(left[0]?.id).not.toBe(id);
  await expectSettled(bench);
});

test("destroy waits until the pool is gone", async () => {
  await using bench = await startBench();
  bench.declare(web(bench), { name: "large", args: { projectId: bench.project, environmentClassId: bench.large } });
  await succeed(bench.stack.up());
  await succeed(bench.stack.destroy());
  expect(bench.sim.pools.filter(({ phase }) => phase !== "DELETED")).toEqual([]);
  expect(bench.stack.state.filter(({ custom }) => custom)).toEqual([]);
  await succeed(bench.stack.destroy());
});

test("an old pool with only the deprecated desiredSize reads as minSize = maxSize", async () => {
  await using bench = await startBench();
  const { id } = bench.sim.createPool({ projectId: bench.project, environmentClassId: bench.regular, desiredSize: 3 });
  bench.declare(web(bench, { minSize: 3, maxSize: 3 }, { adoptExisting: true }));
  await succeed(bench.stack.up());
  expect(bench.calls()).not.toContain("UpdateWarmPool");
  expect(comparableState(bench.stack, "web")).toMatchObject({ outputs: { minSize: 3, maxSize: 3 } });
  expect(bench.sim.pools.map((pool) => pool.id)).toEqual([id]);
  await expectSettled(bench);
});
