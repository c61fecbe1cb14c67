/** Failures leave no unknown run behind and start no run twice. */
import type { Fault } from "../../../src/testing/simulator/index";
import { alive, build, kept } from "../../support/prebuild-stack";
import { type Bench, expectSettled, fail, startBench, succeed, whenSaid } from "../../support/warm-pools";

test.each<[string, Partial<Fault>]>([
  ["a reset", { reset: "after" }],
  ["an internal error", { error: { code: "internal", when: "after" } }],
  ["half an answer", { truncated: true }],
])("a create finds its run after %s and starts no second one", async (_what, fault) => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "CreatePrebuild", ...fault });
  bench.declare(build(bench));
  await succeed(bench.stack.up());
  expect(alive(bench)).toMatchObject([{ id: kept(bench)?.id, phase: "COMPLETED" }]);
  expect(bench.calls().filter((rpc) => rpc === "CreatePrebuild")).toHaveLength(1);
  await expectSettled(bench);
});

test("two creates of one project with lost responses each find their run", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "CreatePrebuild", reset: "after", times: 2 });
  const names = ["a", "b"];
  bench.declare(...names.map((name) => ({ ...build(bench), name })));
  const { outputs } = await succeed(bench.stack.up());
  const ids = names.map((name) => (outputs[name]?.value as { id: string }).id);
  expect(ids.toSorted()).toEqual(
    alive(bench)
      .map(({ id }) => id)
      .toSorted(),
  );
  expect(new Set(ids).size).toBe(2);
  expect(bench.calls().filter((rpc) => rpc === "GetAuthenticatedIdentity")).toHaveLength(1);
});

test("a create whose request is lost fails, and the next up starts the run", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "CreatePrebuild", reset: "before" });
  bench.declare(build(bench));
  expect(await fail(bench.stack.up())).toContain("No new prebuild of the project was found afterwards");
  expect(alive(bench)).toEqual([]);
  await succeed(bench.stack.up());
  expect(alive(bench)).toHaveLength(1);
});

test("a create whose request is lost does not claim the new run of someone else", async () => {
  await using bench = await startBench();
  const other = { projectId: bench.project, environmentClassId: bench.regular };
  const { id } = bench.sim.createPrebuild(other);
  bench.sim.fault({ rpc: "CreatePrebuild", reset: "before" });
  bench.declare(build(bench));
  expect(await fail(bench.stack.up())).toContain("No new prebuild of the project was found afterwards");
  bench.sim.clock.advance(60_000);
  expect(bench.sim.prebuild(id).phase).toBe("COMPLETED");
  expect(alive(bench)).toHaveLength(1);
});

const unlessAllowed = ["permission_denied", "unimplemented"] as const;

test.each(unlessAllowed)("without the identity (%s) a create finds its run by its time", async (identityCalls) => {
  await using bench = await startBench({ simulator: { unknowns: { identityCalls } } });
  bench.sim.fault({ rpc: "CreatePrebuild", reset: "after" });
  bench.declare(build(bench));
  await succeed(bench.stack.up());
  expect(alive(bench)).toMatchObject([{ id: kept(bench)?.id, phase: "COMPLETED" }]);
  await expectSettled(bench);
});

test.each(unlessAllowed)(
  "without the identity (%s) a create names its run and that of a colleague, and starts no second run",
  async (identityCalls) => {
    await using bench = await startBench({ simulator: { unknowns: { identityCalls } } });
    bench.sim.createPrebuild({ projectId: bench.project, environmentClassId: bench.regular });
    bench.sim.fault({ rpc: "CreatePrebuild", reset: "after" });
    bench.declare(build(bench));
    const error = await fail(bench.stack.up());
    const [first, second] = alive(bench);
    expect(error).toMatch(
      `could not determine whether this started a prebuild. These runs of the project may be it: ${first?.id} (`,
    );
    expect(error).toContain(`${second?.id} (`);
    expect(kept(bench)).toBeUndefined();
    expect(bench.calls().filter((rpc) => rpc === "CreatePrebuild")).toHaveLength(1);
  },
);

test("with the identity a create finds its run beside that of a colleague", async () => {
  await using bench = await startBench();
  const { id } = bench.sim.createPrebuild({ projectId: bench.project, environmentClassId: bench.regular });
  bench.sim.fault({ rpc: "CreatePrebuild", reset: "after" });
  bench.declare(build(bench));
  await succeed(bench.stack.up());
  expect(alive(bench)).toMatchObject([{ id }, { id: kept(bench)?.id }]);
});

test.each([true, false])(
  "two interrupts during the wait cancel and delete the run (with a refused deletion: %s)",
  async (refused) => {
    const timings = { prebuildCancelling: 0 };
    await using bench = await startBench({
      virtualTime: false,
      simulator: { unknowns: { deleteRunning: refused ? "failed_precondition" : "ok" }, timings },
    });
    bench.declare(build(bench));
    const twice = () => {
      bench.stack.cancel();
      bench.stack.cancel();
    };
    const result = await bench.stack.up({ onOutput: whenSaid("prebuild build", twice) });
    expect(result.exitCode).not.toBe(0);
    expect(bench.calls()).toEqual(expect.arrayContaining(["CancelPrebuild", "DeletePrebuild"]));
    bench.sim.clock.advance(60_000);
    expect(alive(bench)).toEqual([]);
  },
);

test("one interrupt lets the wait finish", async () => {
  await using bench = await startBench({ virtualTime: false });
  bench.declare(build(bench));
  const once = () => {
    bench.stack.cancel();
    bench.sim.clock.advance(60_000);
  };
  await bench.stack.up({ onOutput: whenSaid("prebuild build", once) });
  expect(alive(bench)).toMatchObject([{ id: kept(bench)?.id, phase: "COMPLETED" }]);
});

const refuses = (fault: Partial<Fault>) => async (bench: Bench) => {
  bench.sim.fault({ rpc: "GetPrebuild", times: "always", ...fault });
};

test.each([
  ["an expired token", refuses({ error: { code: "unauthenticated" } }), "ONA_API_KEY"],
  ["a proxy's 404", refuses({ html: { status: 404 } }), "ona:baseUrl"],
  ["an outage", refuses({ error: { code: "unavailable" } }), "try again"],
  ["a page", refuses({ html: { status: 200 } }), "could not be read"],
])("a refresh during %s removes nothing from state", async (_what, arm, said) => {
  await using bench = await startBench();
  bench.declare(build(bench));
  await succeed(bench.stack.up());
  const before = kept(bench);
  await arm(bench);
  expect(await fail(bench.stack.refresh())).toContain(said);
  expect(kept(bench)).toEqual(before);
});

test("a wait continues after a short outage, and a long one keeps the run in state", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "GetPrebuild", times: 2, html: { status: 502 } });
  bench.declare(build(bench));
  await succeed(bench.stack.up());
  bench.declare(build(bench, { triggers: 2 }));
  bench.sim.fault({ rpc: "GetPrebuild", times: "always", error: { code: "internal" } });
  const error = await fail(bench.stack.up());
  expect(error).toMatch(/The prebuild [-0-9a-f]+ was started \(PENDING\), but waiting for it failed/);
  bench.sim.clearFaults();
  await succeed(bench.stack.up());
  expect(alive(bench)).toMatchObject([{ id: kept(bench)?.id, phase: "COMPLETED" }]);
  await expectSettled(bench);
});
