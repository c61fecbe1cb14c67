import { createStack, startSimulator, succeed } from "pulumi-ona/testing";

test("up creates the pool, waits until it is ready, and leaves no changes", async () => {
  await using simulator = await startSimulator();
  await using stack = await createStack({ workDir: __dirname, simulator });

  const { outputs, changeSummary } = await succeed(stack.up());
  expect(changeSummary).toEqual({ create: 2 }); // the pool and the stack itself
  expect(outputs).toEqual({ phase: { value: "READY", secret: false } });
  expect(simulator.pools).toMatchObject([{ minSize: 1, maxSize: 3 }]);

  const { calls } = await succeed(stack.preview({ expectNoChanges: true }));
  // Only the program's lookups by name call the API. Without them, a preview without changes makes no calls.
  expect(calls.map(({ rpc }) => rpc)).toEqual(["ListProjects", "ListEnvironmentClasses"]);
});

test("a new size in the configuration resizes the pool in place", async () => {
  await using simulator = await startSimulator();
  await using stack = await createStack({ workDir: __dirname, simulator });
  await succeed(stack.up());

  stack.setConfig("ona-testing:maxSize", { value: "8", secret: false });
  const { operations, calls } = await succeed(stack.up());
  const pool = operations.find(({ name }) => name === "web");
  expect(pool).toMatchObject({ op: "update", diff: { maxSize: { before: 3, after: 8 } } });
  expect(calls.at(-1)).toMatchObject({ rpc: "UpdateWarmPool", body: { maxSize: 8 }, status: 200 });
});

test("a resize outside Pulumi is drift, and the next up with a refresh reverts it", async () => {
  await using simulator = await startSimulator();
  await using stack = await createStack({ workDir: __dirname, simulator });
  await succeed(stack.up());

  for (const { id } of simulator.pools) simulator.resize(id, { maxSize: 5 });
  const drift = await stack.refresh({ previewOnly: true, expectNoChanges: true });
  expect(drift.exitCode).toBe(7); // like the CLI's exit status
  expect(drift.operations.find(({ name }) => name === "web")?.diff).toMatchObject({ maxSize: { before: 3, after: 5 } });

  await succeed(stack.up({ refresh: true }));
  expect(simulator.pools).toMatchObject([{ maxSize: 3 }]);

  await succeed(stack.destroy());
  expect(simulator.pools).toMatchObject([{ phase: "DELETED" }]);
});
