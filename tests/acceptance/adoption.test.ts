/** Adopting an existing pool: what the preview reports, what `up` does, and the calls of both. */
import { expectSettled, startBench, succeed } from "../support/warm-pools";

const args = (bench: { project: string; regular: string }, more: object = {}) => ({
  projectId: bench.project,
  environmentClassId: bench.regular,
  adoptExisting: true,
  ...more,
});

test("a preview names the pool that up adopts and each size change, and up does and reports the same", async () => {
  await using bench = await startBench();
  const { id } = bench.sim.createPool({
    projectId: bench.project,
    environmentClassId: bench.regular,
    minSize: 2,
    maxSize: 9,
  });
  bench.declare({ name: "web", args: args(bench, { maxSize: 4 }) });
  const sizes = "minSize 2 left alone, maxSize 9 => 4";

  const preview = await succeed(bench.stack.preview());
  expect(preview.text).toMatch(
    new RegExp(
      `warm pool web \\(${id}\\): \`pulumi up\` adopts the existing warm pool \\([A-Z]+, created [^)]+\\): ${sizes}`,
    ),
  );
  expect(preview.calls.map(({ rpc }) => rpc).sort()).toEqual(["GetProject", "ListEnvironmentClasses", "ListWarmPools"]);
  expect(bench.sim.pool(id)).toMatchObject({ minSize: 2, maxSize: 9 });

  const { text, calls } = await succeed(bench.stack.up());
  expect(text).toMatch(new RegExp(`\\(${id}\\): adopted the existing warm pool \\([A-Z]+, created [^)]+\\): ${sizes}`));
  expect(text).not.toContain("`pulumi up` adopts");
  expect(calls.filter(({ rpc }) => rpc === "UpdateWarmPool").map(({ body }) => body)).toEqual([
    { warmPoolId: id, maxSize: 4 },
  ]);
  expect(bench.sim.pools).toMatchObject([{ id, minSize: 2, maxSize: 4 }]);
  await expectSettled(bench);
});

test("a preview reports that there is no pool to adopt, and lists no pools without adoptExisting", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: args(bench) });
  expect((await succeed(bench.stack.preview())).text).toContain(
    "there is no warm pool of this project and environment class to adopt",
  );
  bench.declare({ name: "web", args: args(bench, { adoptExisting: false }) });
  expect((await succeed(bench.stack.preview())).calls.map(({ rpc }) => rpc)).not.toContain("ListWarmPools");
});

test("a preview of a changed pair searches for a pool of the new pair", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: args(bench) });
  await succeed(bench.stack.up());
  const { id } = bench.sim.createPool({
    projectId: bench.project,
    environmentClassId: bench.large,
    minSize: 0,
    maxSize: 3,
  });
  bench.declare({ name: "web", args: args(bench, { environmentClassId: bench.large }) });
  expect((await succeed(bench.stack.preview())).text).toContain(`warm pool web (${id}): \`pulumi up\` adopts`);
});

test("a preview warns and succeeds during an outage or without a token", async () => {
  await using bench = await startBench();
  bench.declare({ name: "web", args: args(bench) });
  bench.sim.fault({ html: { status: 503 }, times: "always" });
  expect((await succeed(bench.stack.preview())).text).toMatch(
    /warning: warm pool web: could not check whether a warm pool/,
  );
  bench.sim.clearFaults();
  bench.stack.setEnv("ONA_API_KEY", "");
  expect((await succeed(bench.stack.preview())).text).toMatch(/could not check whether .*No Ona API token/);
});
