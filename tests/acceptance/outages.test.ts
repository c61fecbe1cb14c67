/** Failures lose nothing and repeat nothing, and the next `up` converges or names the object by id. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../../src/testing/simulator/index";
import { type Bench, expectSettled, fail, startBench, succeed, token } from "../support/warm-pools";

const web = (bench: Bench, sizes: object = { minSize: 1, maxSize: 2 }) => ({
  name: "web",
  args: { projectId: bench.project, environmentClassId: bench.regular, ...sizes },
});
const alive = (bench: Bench) => bench.sim.pools.filter(({ phase }) => phase !== "DELETED");

const lostAnswers: [string, Fault][] = [
  ["the connection breaks", { reset: "after" }],
  ["the body is cut", { truncated: true }],
  ["the body is no JSON", { invalidJson: true }],
  ["a proxy answers 502", { error: { code: "unavailable", when: "after" } }],
  ["the server fails after the change", { error: { code: "internal", when: "after" } }],
];

test.each(lostAnswers)(
  "a create finds its pool after a lost response (%s) and makes no second one",
  async (_, fault) => {
    await using bench = await startBench();
    bench.sim.fault({ rpc: "CreateWarmPool", ...fault });
    bench.declare(web(bench));
    await succeed(bench.stack.up());
    expect(bench.calls().filter((rpc) => rpc === "CreateWarmPool")).toHaveLength(1);
    expect(alive(bench)).toMatchObject([{ minSize: 1, maxSize: 2, phase: "READY" }]);
    await expectSettled(bench);
  },
);

test("a create that found its object after a lost response names the command that undoes it, with the real URN", async () => {
  const program = `
const pulumi = require("@pulumi/pulumi");
const ona = require("pulumi-ona");
const { projectId, regular, large } = JSON.parse(require("fs").readFileSync("ids.json", "utf8"));
class Team extends pulumi.ComponentResource {
  constructor(name, opts) {
    super("acme:Team", name, {}, opts);
    new ona.WarmPool(name, { projectId, environmentClassId: name === "inner" ? large : regular }, { parent: this });
    if (name === "inner") new ona.Prebuild("run", { projectId, logs: "none" }, { parent: this });
  }
}
new Team("inner", { parent: new Team("outer") });
`;
  await using bench = await startBench({ files: { "index.js": program } });
  const ids = { projectId: bench.project, regular: bench.regular, large: bench.large };
  writeFileSync(join(bench.folder, "ids.json"), JSON.stringify(ids));
  for (const rpc of ["CreateWarmPool", "CreatePrebuild"] as const) bench.sim.fault({ rpc, reset: "after", times: 2 });
  const { text } = await succeed(bench.stack.up());
  const { deployment } = await bench.stack.exportDeployment();
  const urns = (deployment["resources"] as { urn: string; custom: boolean }[]).map(({ urn }) => urn);
  const named = [...text.matchAll(/run `pulumi state delete '(.*)'`/g)].map(([, urn]) => urn);
  expect(named.toSorted()).toEqual(urns.filter((urn) => urn.includes("dynamic/ona:")).toSorted());
  expect(named).toHaveLength(3);
  expect(text).toMatch(
    /warning: warm pool outer \([^)]+\): it was created although CreateWarmPool failed .*requested at /,
  );
  await expectSettled(bench);
});

test("a create whose request is lost fails, and the next up creates the pool", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "CreateWarmPool", reset: "before" });
  bench.declare(web(bench));
  expect(await fail(bench.stack.up())).toMatch(
    /No warm pool of this project and environment class was found afterwards/,
  );
  expect(bench.calls().filter((rpc) => rpc === "CreateWarmPool")).toHaveLength(1);
  await succeed(bench.stack.up());
  expect(alive(bench)).toHaveLength(1);
  await expectSettled(bench);
});

test("a create does not claim a pool with other sizes after a lost response", async () => {
  await using bench = await startBench();
  const { id } = bench.sim.createPool({
    projectId: bench.project,
    environmentClassId: bench.regular,
    minSize: 1,
    maxSize: 9,
  });
  bench.sim.fault({ rpc: "CreateWarmPool", reset: "before" });
  bench.declare(web(bench));
  expect(await fail(bench.stack.up())).toContain(`already have a warm pool: ${id}`);
});

test("a create does not claim an older pool with the same sizes after a lost response", async () => {
  await using bench = await startBench();
  const { id } = bench.sim.createPool({
    projectId: bench.project,
    environmentClassId: bench.regular,
    minSize: 1,
    maxSize: 2,
  });
  bench.sim.clock.advance(60_000);
  bench.sim.fault({ rpc: "CreateWarmPool", reset: "before" });
  bench.declare(web(bench));
  expect(await fail(bench.stack.up())).toContain(`already have a warm pool: ${id}`);
});

const readFailures: [string, Fault, string][] = [
  ["an expired token", { error: { code: "unauthenticated" } }, "Replace the token in ONA_API_KEY"],
  ["a lack of permission", { error: { code: "permission_denied" } }, "read-only"],
  ["a proxy's 404 page", { html: { status: 404 } }, "Check ona:baseUrl"],
  ["a proxy's 502 page", { html: { status: 502 }, times: "always" }, "HTTP 502"],
  ["an internal error", { error: { code: "internal" } }, "internal"],
  ["a quota", { error: { code: "resource_exhausted" } }, "This is a quota"],
  ["an unreadable answer", { invalidJson: true }, "could not be read"],
];

test.each(readFailures)("a refresh during %s fails with advice and leaves state alone", async (_, fault, advice) => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  const before = bench.stack.state.map(({ id }) => id);
  bench.sim.fault({ rpc: "GetWarmPool", ...fault });
  expect(await fail(bench.stack.refresh())).toContain(advice);
  expect(bench.stack.state.map(({ id }) => id)).toEqual(before);
  bench.sim.clearFaults();
  await expectSettled(bench);
});

test("up waits as long as a rate limit requires", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "CreateWarmPool", times: 2, error: { code: "resource_exhausted", retryInfoSeconds: 7 } });
  bench.declare(web(bench));
  const started = bench.sim.clock.now();
  await succeed(bench.stack.up());
  expect(bench.sim.clock.now() - started).toBeGreaterThanOrEqual(14_000);
  expect(bench.calls().filter((rpc) => rpc === "CreateWarmPool")).toHaveLength(3);
  expect(alive(bench)).toHaveLength(1);
});

test("a wait continues after a short outage", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "GetWarmPool", times: 9, error: { code: "unavailable" } });
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  await expectSettled(bench);
});

test("a wait that fails keeps the pool's id, and the next up continues", async () => {
  await using bench = await startBench();
  bench.sim.fault({ rpc: "GetWarmPool", error: { code: "permission_denied", message: "not any more" } });
  bench.declare(web(bench));
  expect(await fail(bench.stack.up())).toMatch(
    /The warm pool \S+ exists \(PENDING\), but waiting for it failed.*not any more/,
  );
  expect(bench.stack.state.some(({ id }) => id === alive(bench)[0]?.id)).toBe(true);
  bench.calls();
  await succeed(bench.stack.up());
  expect(bench.calls()).not.toContain("CreateWarmPool");
  await expectSettled(bench);
});

test("an update is repeated after a lost response, since its sizes are absolute", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  bench.sim.fault({ rpc: "UpdateWarmPool", reset: "after" });
  bench.declare(web(bench, { minSize: 2, maxSize: 5 }));
  await succeed(bench.stack.up());
  expect(alive(bench)).toMatchObject([{ minSize: 2, maxSize: 5 }]);
  await expectSettled(bench);
});

test("a delete succeeds after a lost response, or if the pool is gone", async () => {
  await using bench = await startBench({ simulator: { unknowns: { deleteAgain: "failed_precondition" } } });
  bench.declare(web(bench), { name: "large", args: { projectId: bench.project, environmentClassId: bench.large } });
  await succeed(bench.stack.up());
  bench.sim.fault({ rpc: "DeleteWarmPool", reset: "after" });
  bench.sim.remove(bench.sim.pools[1]?.id ?? "");
  await succeed(bench.stack.destroy());
  expect(alive(bench)).toEqual([]);
});

test.each(["not_found", "deleted"] as const)(
  "a pool is gone if the API answers not_found or DELETED (%s)",
  async (deletedPool) => {
    await using bench = await startBench({ simulator: { unknowns: { deletedPool } } });
    bench.declare(web(bench));
    await succeed(bench.stack.up());
    bench.sim.remove(alive(bench)[0]?.id ?? "");
    expect(await bench.stack.refresh({ previewOnly: true, expectNoChanges: true })).toMatchObject({
      exitCode: 7,
      changeSummary: { delete: 1 },
    });
    await succeed(bench.stack.up({ refresh: true }));
    await succeed(bench.stack.destroy());
    expect(alive(bench)).toEqual([]);
  },
);

test("the token is in no output, diagnostic or state even if the server repeats it", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  const texts = [(await bench.stack.up()).text];
  bench.sim.fault({ rpc: "GetWarmPool", error: { code: "unauthenticated", message: `the token ${token} is no good` } });
  texts.push((await bench.stack.refresh()).text);
  expect(texts[1]).toContain("the token [token] is no good");
  texts.push(JSON.stringify(await bench.stack.exportDeployment()), JSON.stringify(bench.stack.state));
  for (const text of texts) expect(text).not.toContain(token);
});

test("a server's message can not move the cursor or forge lines", async () => {
  await using bench = await startBench();
  bench.declare(web(bench));
  await succeed(bench.stack.up());
  bench.sim.fault({ rpc: "GetWarmPool", error: { code: "internal", message: "oops\u001b[2K\r\nerror: forged\u202e" } });
  const { text } = await bench.stack.refresh();
  expect(text).not.toMatch(/\u001b\[2K|\u202e|^error: forged/m);
});
