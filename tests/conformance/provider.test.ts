/** The vendor's server stubs check what our provider sends over the lifecycle of a stack's pools, and what it stores. */
import { omitNulls } from "../../src/util/nullish.js";
import { hosts } from "../support/hosts.js";
import { startBench, succeed } from "../support/warm-pools.js";
import type { ApiCall, OperationSummary } from "../../src/testing/engine/index.js";
import { serveScript } from "./vendor.js";

/** What the preview of new pools reads. */
const checks = ["GetProject", "ListEnvironmentClasses"];

/** Declares the pools of declared.json. If READ is set, reads pools in every possible way. */
const program = `
const ona = require("pulumi-ona");
const pools = JSON.parse(require("fs").readFileSync("declared.json", "utf8"));
module.exports = async () => {
  const made = pools.map(({ name, args }) => new ona.WarmPool(name, args));
  if (!process.env.READ) return { ids: made.map(({ id }) => id) };
  const [{ id, projectId, environmentClassId }] = JSON.parse(process.env.READ);
  const byId = await ona.getWarmPool({ id });
  const byPair = await ona.getWarmPool({ projectId, environmentClassId });
  const { warmPools } = await ona.getWarmPools();
  const filtered = await ona.getWarmPools({ projectIds: [projectId], environmentClassIds: [environmentClassId] });
  const shared = ona.WarmPool.get("shared", id);
  return { byId, byPair, warmPools, filtered: filtered.warmPools, shared: { minSize: shared.minSize, maxSize: shared.maxSize } };
};
`;

test.each(hosts)(
  "sends only valid requests over the lifecycle of a stack, and stores what the API returns (%s)",
  async (host) => {
    await using bench = await startBench({ host, files: { "index.js": program } });
    const { sim, stack } = bench;
    const relay = await serveScript("relay.py", [sim.url]);
    const report = async () => (await (await fetch(`${relay.url}/report`)).json()) as Exchange[];
    const calls: ApiCall[] = [];
    const step = async (operation: Promise<OperationSummary>) => {
      const result = await operation;
      calls.push(...result.calls);
      return result;
    };
    /** A preview without changes calls nothing. After a refresh, state matches the last of the vendor's messages. */
    const expectSettled = async (...names: string[]) => {
      expect((await succeed(step(stack.preview({ expectNoChanges: true })))).calls).toEqual([]);
      await succeed(step(stack.refresh()));
      await succeed(step(stack.preview({ expectNoChanges: true })));
      const messages = (await report()).flatMap(({ response }) => response?.warmPool ?? response?.warmPools ?? []);
      for (const name of names) {
        const { id } = resource(name);
        const message = messages.findLast((pool) => pool.id === id);
        if (message === undefined) throw new Error(`no response contains ${name}`);
        expect({ name, outputs: visible(name) }).toEqual({ name, outputs: outputsOf(message) });
      }
    };
    const resource = (name: string) => {
      const found = stack.state.find(({ urn }) => urn.endsWith(`::${name}`));
      if (found === undefined) throw new Error(`no resource ${name} in state`);
      return found;
    };
    const visible = (name: string) => {
      const outputs = Object.entries(omitNulls(resource(name).outputs as Record<string, unknown>));
      return Object.fromEntries(outputs.filter(([key]) => !key.startsWith("__") && key !== "adoptExisting"));
    };
    const web = { projectId: bench.project, environmentClassId: bench.regular };
    const idle = { name: "idle", args: { projectId: bench.project, environmentClassId: bench.large, minSize: 0 } };

    try {
      stack.setEnv("ONA_BASE_URL", relay.url);

      // Create two pools and wait. A size of zero is sent explicitly.
      bench.declare({ name: "web", args: { ...web, minSize: 1, maxSize: 4 } }, idle);
      await succeed(step(stack.preview()));
      expect((await report()).map(({ rpc }) => rpc).sort()).toEqual(checks);
      await succeed(step(stack.up()));
      const created = (await report()).filter(({ rpc }) => rpc === "CreateWarmPool").map(({ request }) => request);
      expect(created).toHaveLength(2);
      expect(created).toEqual(
        expect.arrayContaining([
          { ...web, minSize: 1, maxSize: 4 },
          { ...idle.args, maxSize: 2 },
        ]),
      );
      await expectSettled("web", "idle");

      // Resize.
      const { id } = resource("web");
      bench.declare({ name: "web", args: { ...web, minSize: 0, maxSize: 6 } }, idle);
      await succeed(step(stack.up()));
      const updated = (await report()).filter(({ rpc }) => rpc === "UpdateWarmPool").map(({ request }) => request);
      expect(updated).toEqual([{ warmPoolId: id, minSize: 0, maxSize: 6 }]);
      await expectSettled("web", "idle");

      // Drift, and a degraded pool.
      sim.resize(id, { minSize: 2, maxSize: 3 });
      sim.degrade(resource("idle").id, "no capacity");
      const drift = await step(stack.refresh({ previewOnly: true, expectNoChanges: true }));
      expect(drift.exitCode).toBe(7);
      await succeed(step(stack.refresh()));
      expect(visible("web")).toMatchObject({ minSize: 2, maxSize: 3 });
      expect(visible("idle")).toMatchObject({ phase: "DEGRADED", failureMessage: "no capacity" });
      await succeed(step(stack.up()));
      sim.recover(resource("idle").id);
      await expectSettled("web", "idle");

      // Adopt a pool.
      const other = {
        projectId: bench.otherProject,
        environmentClassId: sim.projects[1]?.environmentClassIds[0] ?? "",
      };
      const theirs = sim.createPool({ ...other, minSize: 3, maxSize: 9 });
      const adopted = { name: "theirs", args: { ...other, maxSize: 5, adoptExisting: true } };
      bench.declare({ name: "web", args: { ...web, minSize: 0, maxSize: 6 } }, idle, adopted);
      await succeed(step(stack.up()));
      expect(resource("theirs").id).toBe(theirs.id);
      expect(theirs).toMatchObject({ minSize: 3, maxSize: 5 });
      await expectSettled("web", "idle", "theirs");

      // Read with the functions and with get.
      stack.setEnv("READ", JSON.stringify([{ id, ...web }]));
      const { outputs } = await succeed(step(stack.up()));
      const listed = (await report()).filter(({ rpc }) => rpc === "ListWarmPools").at(-2)?.response?.warmPools ?? [];
      const found = Object.fromEntries(listed.map((pool) => [pool.id, { id: pool.id, ...outputsOf(pool) }]));
      expect(Object.keys(found)).toHaveLength(3);
      expect(outputs["warmPools"]?.value).toEqual(expect.arrayContaining(Object.values(found)));
      expect(outputs).toMatchObject({
        byId: { value: found[id] },
        byPair: { value: found[id] },
        filtered: { value: [found[id]] },
        shared: { value: { minSize: 0, maxSize: 6 } },
      });
      stack.setEnv("READ", undefined);

      // Destroy and wait until the pools are deleted.
      await succeed(step(stack.destroy()));
      expect(sim.pools.filter(({ phase }) => phase !== "DELETED")).toEqual([]);

      const exchanges = await report();
      expect(exchanges.filter(({ violations }) => violations.length > 0)).toEqual([]);
      expect(new Set(exchanges.map(({ rpc }) => rpc))).toEqual(
        new Set([...checks, "CreateWarmPool", "GetWarmPool", "ListWarmPools", "UpdateWarmPool", "DeleteWarmPool"]),
      );
      // The vendor's descriptors and ours read the same.
      const theirReading = exchanges.map(({ rpc, request, code }) => ({ rpc, body: request, code }));
      const ourReading = calls.map(({ rpc, body, code }) => ({ rpc, body, code }));
      expect(sorted(ourReading)).toEqual(sorted(theirReading));
    } finally {
      await relay.stop();
    }
  },
  300_000,
);

interface Exchange {
  rpc: string;
  request: object;
  violations: string[];
  response?: { warmPool?: WarmPool; warmPools?: WarmPool[] };
  code?: string;
}

/** A pool in the vendor's JSON, which omits zero values. */
interface WarmPool {
  id: string;
  metadata: Record<string, string>;
  spec: { minSize?: number; maxSize?: number; snapshotId?: string };
  status: {
    phase: string;
    failureMessage?: string;
    desiredSize?: number;
    runningInstances?: number;
    stoppedInstances?: number;
  };
}

/** The outputs of a pool according to the vendor's message. */
function outputsOf({ metadata, spec, status }: WarmPool): object {
  const { minSize, maxSize, snapshotId } = spec;
  const outputs = {
    ...metadata,
    ...{ minSize, maxSize, snapshotId },
    phase: status.phase.replace("WARM_POOL_PHASE_", ""),
    failureMessage: status.failureMessage,
    desiredSize: status.desiredSize ?? 0,
    runningInstances: status.runningInstances ?? 0,
    stoppedInstances: status.stoppedInstances ?? 0,
  };
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));
}

function sorted(calls: readonly object[]): object[] {
  return calls.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}
