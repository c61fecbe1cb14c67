/** `pulumi-ona status`, once and with --watch. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import stringWidth from "string-width";
import { run } from "../../src/cli/program.js";
import { type Canvas, render, renderBar } from "../../src/cli/status/render.js";
import { type PoolStatus, toAccountStatus } from "../../src/cli/status/account-status.js";
import { createPalette } from "../../src/cli/terminal.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";
import { FakeClock } from "../support/fake-clock.js";
import { type FakeIo, fakeIo, type FakeIoOptions, pulumiOna } from "../support/fake-io.js";
import { details } from "../support/pools.js";

/** When the pools of these tests were created. */
const epoch = Date.parse("2026-03-01T12:00:00Z");

const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/status.schema.json"), "utf8")) as object;
const plain: Canvas = {
  palette: createPalette({ env: {}, screen: undefined }),
  unicode: true,
};
const bars = (overrides: Partial<PoolStatus>, longest = 20, canvas = plain) =>
  renderBar({ ...details(), prebuildsRunning: 0, ...overrides }, longest, canvas);

test.each<[Partial<PoolStatus>, string]>([
  [{ minSize: 1, maxSize: 4, runningInstances: 2, stoppedInstances: 1 }, "[█│█▒·] 1-4"],
  [{ minSize: 0, maxSize: 3, runningInstances: 0, stoppedInstances: 0 }, "[│···] 0-3"],
  [{ minSize: 2, maxSize: 2, runningInstances: 2, stoppedInstances: 0 }, "[██│] 2-2"],
  [{ minSize: 1, maxSize: 2, runningInstances: 3, stoppedInstances: 1 }, "[█│██▒] 1-2"],
])("a bar has one cell per instance and a mark at the minimum size: %o", (pool, bar) => {
  expect(bars(pool)).toBe(bar);
});

test("scales a long bar down, and uses ASCII without block characters", () => {
  const big = { minSize: 10, maxSize: 20, runningInstances: 10, stoppedInstances: 4 };
  expect(bars(big)).toBe("[██████████│▒▒▒▒······] 10-20");
  expect(bars(big, 10)).toBe("[█████│▒▒···] 10-20");
  expect(
    bars({ minSize: 1, maxSize: 4, runningInstances: 2, stoppedInstances: 1 }, 20, { ...plain, unicode: false }),
  ).toBe("[#|#=.] 1-4");
});

test("shows DEGRADED pools first, counts the phases of pools that are not READY, and aligns sizes", () => {
  const phases = ["READY", "PENDING", "DEGRADED", "READY", "PENDING"];
  const warmPools = phases.map((phase, index) => details({ phase, minSize: 1, maxSize: [4, 12][index] ?? 6 }));
  const names = () => ({ projectName: "web", environmentClassName: "regular" });
  const [title, , , ...rows] = render(
    toAccountStatus({ warmPools, prebuilds: [], now: epoch }, undefined, names),
    plain,
  );
  expect(title).toContain("5 warm pools (1 DEGRADED, 2 PENDING), 0 prebuilds in progress");
  expect(rows.map((row) => /READY|PENDING|DEGRADED/.exec(row)?.[0])).toEqual([
    "DEGRADED",
    ...phases.filter((phase) => phase !== "DEGRADED"),
  ]);
  expect(new Set(rows.map((row) => row.search(/1-\d/)))).toHaveProperty("size", 1);
});

test("shows question marks for sizes that the API does not return", () => {
  const { minSize: _min, maxSize: _max, ...pool } = details();
  expect(renderBar({ ...pool, prebuildsRunning: 0 }, 20, plain)).toBe("[│█] ?-?");
});

const hostile = "no capacity \u001b[2J \u202e空きがありません".repeat(20);
const account = {
  warmPools: Array.from({ length: 12 }, (_, index) =>
    details({
      id: `${index}0b3f1c5`.padEnd(36, "0"),
      phase: index === 3 ? "DEGRADED" : "READY",
      ...(index === 3 ? { failureMessage: hostile } : {}),
    }),
  ),
  prebuilds: [],
  now: epoch + 3 * 3_600_000,
};

test.each([10, 20, 30, 40, 60, 72, 80, 100, 120, 160, 220])("fits each line into a terminal of %d columns", (width) => {
  const lines = render(toAccountStatus(account), { ...plain, width });
  // The id and the phase are always shown.
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(width, 18));
  expect(lines.join("\n")).toContain("DEGRADED");
  expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});

test.each([1, 2, 5, 10, 14, 17])("fits %d lines and says how many lines are missing", (height) => {
  const lines = render(toAccountStatus(account), { ...plain, width: 80, height });
  expect(lines.length).toBeLessThanOrEqual(Math.max(height, 2));
  if (height < 14) expect(lines.at(-1)).toMatch(/^and \d+ more lines$/);
});

test("a snapshot is as old as the newest completed prebuild of the pool's project and class", () => {
  const pool = details();
  const prebuild = (id: string, phase: string, hours: number, more: object = {}) => ({
    id,
    projectId: pool.projectId,
    environmentClassId: pool.environmentClassId,
    phase,
    createdAt: new Date(epoch - hours * 3_600_000).toISOString(),
    completedAt: new Date(epoch - hours * 3_600_000 + 600_000).toISOString(),
    snapshotSizeBytes: "0",
    snapshotCompletionPercentage: 0,
    ...more,
  });
  const prebuilds = [
    prebuild("a", "FAILED", 1),
    prebuild("b", "RUNNING", 2),
    prebuild("c", "COMPLETED", 3, { environmentClassId: "another" }),
    prebuild("d", "COMPLETED", 5),
    prebuild("e", "COMPLETED", 9),
  ];
  const { warmPools, prebuildsRunning } = toAccountStatus({ warmPools: [pool], prebuilds, now: epoch });
  expect(prebuildsRunning).toBe(1);
  expect(warmPools[0]).toMatchObject({
    prebuildsRunning: 1,
    newestPrebuild: "FAILED",
    snapshotAt: prebuilds[3]?.completedAt,
  });
  const text = render(toAccountStatus({ warmPools: [pool], prebuilds, now: epoch }), plain).join("\n");
  expect(text).toMatch(/ 4h +1 in progress, last FAILED$/m);
  const { snapshotId: _, ...empty } = pool;
  expect(render(toAccountStatus({ warmPools: [empty], prebuilds, now: epoch }), plain).join("\n")).toMatch(
    / none +1 in progress/,
  );
  expect(render(toAccountStatus({ warmPools: [pool], prebuilds: [], now: epoch }), plain).join("\n")).toMatch(
    / age unknown +-$/m,
  );
});

describe("with a simulator", () => {
  let simulator: Simulator;
  afterEach(() => simulator.close());

  async function start(options: SimulatorOptions = {}) {
    simulator = await startSimulator(options);
    const [project] = simulator.projects;
    const pair = { projectId: project?.id ?? "", environmentClassId: project?.environmentClassIds[0] ?? "" };
    const pool = simulator.createPool({ ...pair, minSize: 1, maxSize: 4 });
    simulator.clock.advance(60_000);
    return pool;
  }

  test("prints plain text to a pipe and colors to a terminal", async () => {
    const { id } = await start();
    const piped = await pulumiOna(["status"], { env: { ...simulator.env, LANG: "C.UTF-8" } });
    expect(piped).toMatchObject({ exitStatus: 0, stderr: "" });
    expect(piped.stdout).toMatch(
      new RegExp(`^storefront +regular +READY +\\[█│▒▒▒\\] 1-4 +1/3/1 +1h +- +${id}\\n$`, "m"),
    );
    expect(piped.stdout).not.toContain("\u001b");
    const shown = await pulumiOna(["status"], { env: simulator.env, terminal: [80, 24] });
    expect(shown.stdout).toContain("\u001b[32mREADY");
    expect(shown.stdout).not.toContain("\u001b[?1049h");
  });

  test("--json follows docs/status.schema.json", async () => {
    const { id } = await start();
    const valid = new Ajv2020({ allErrors: true, strict: true }).compile(schema);
    const { stdout } = await pulumiOna(["status", "--json"], { env: simulator.env });
    const status: unknown = JSON.parse(stdout);
    valid(status);
    expect(valid.errors).toBeNull();
    expect(status).toMatchObject({ schemaVersion: 1, warmPools: [{ id, phase: "READY", maxSize: 4 }] });
    expect(valid({ schemaVersion: 1 })).toBe(false);
  });

  test("exits 1 if the API fails", async () => {
    await start();
    simulator.fault({ rpc: "ListPrebuilds", error: { code: "permission_denied" }, times: "always" });
    expect(await pulumiOna(["status"], { env: simulator.env })).toMatchObject({ exitStatus: 1, stdout: "" });
  });

  /** Runs `status --watch` and calls `onRead` after each read has been shown, until that interrupts. */
  async function watching(options: FakeIoOptions & { args?: string[] }, onRead: (io: FakeIo, read: number) => void) {
    // The clock advances on its own, but the test acts first whenever the command waits for the next read.
    const clock = new FakeClock({ passing: 8_000 });
    let read = 0;
    const io: FakeIo = fakeIo({
      ...options,
      env: { ...simulator.env, LANG: "C.UTF-8", ...options.env },
      clock: {
        monotonic: () => clock.monotonic(),
        wall: () => clock.wall(),
        sleep: async (milliseconds, signal) => {
          if (milliseconds === 7_000) onRead(io, ++read);
          await clock.sleep(milliseconds, signal);
        },
      },
    });
    const exitStatus = await run(["status", "--watch", "--interval", "7s", ...(options.args ?? [])], io);
    return { exitStatus, io };
  }

  test("--watch redraws the terminal, shows a failure, continues, and restores the terminal on Ctrl+C with exit status 0", async () => {
    const { id } = await start();
    const { exitStatus, io } = await watching({ terminal: [100, 20] }, (on, read) => {
      if (read === 1)
        simulator.fault({ rpc: "ListWarmPools", error: { code: "unavailable", message: "maintenance" }, times: 2 });
      if (read === 2) {
        expect(on.stdout).toContain("unavailable: maintenance");
        expect(on.stdout).toMatch(/retrying\s+every\s+7s/);
        simulator.degrade(id, "no capacity");
      }
      if (read === 3) {
        const last = on.stdout.slice(on.stdout.lastIndexOf("\u001b[H"));
        expect(last).toContain("DEGRADED");
        expect(last).not.toContain("maintenance");
        on.resize(30, 10);
        const small = on.stdout.slice(on.stdout.lastIndexOf("\u001b[H"));
        expect(small).not.toContain("INSTANCES");
        on.interrupt();
      }
    });
    expect(exitStatus).toBe(0);
    expect(io.stdout.startsWith("\u001b[?1049h\u001b[?25l")).toBe(true);
    expect(io.stdout).toMatch(/\u001b\[\?25h\u001b\[\?1049l[^\u0007]*DEGRADED/);
    expect(io.stdout.match(/\u001b\[\?1049[hl]/g)).toHaveLength(2);
  });

  test("refuses --interval without --watch as wrong usage", async () => {
    await start();
    const { exitStatus, stdout, stderr } = await pulumiOna(["status", "--interval", "7s"], { env: simulator.env });
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 2, stdout: "" });
    expect(stderr).toContain("error: --interval requires --watch");
  });

  test("--watch continues even if the first read fails", async () => {
    await start();
    simulator.fault({ rpc: "ListWarmPools", error: { code: "unavailable" }, times: 2 });
    const { exitStatus, io } = await watching({ terminal: [80, 24] }, (on, read) => read === 2 && on.interrupt());
    expect(exitStatus).toBe(0);
    expect(io.stdout).toContain("1 warm pool, 0 prebuilds in progress");
  });

  test("a permanent failure ends --watch with exit status 1 after it restores the terminal", async () => {
    await start();
    const { exitStatus, io } = await watching({ terminal: [80, 24] }, () =>
      simulator.fault({ rpc: "ListWarmPools", error: { code: "permission_denied" }, times: "always" }),
    );
    expect(exitStatus).toBe(1);
    expect(io.stdout).toContain("\u001b[?1049l");
    expect(io.stderr).toContain("permission_denied");
  });

  test("--watch without a terminal prints each change and nothing in between", async () => {
    const { id } = await start();
    const { io } = await watching({}, (on, read) => {
      if (read === 3) simulator.resize(id, { maxSize: 6 });
      if (read === 5) on.interrupt();
    });
    expect(io.stdout).not.toContain("\u001b");
    expect(io.stdout.match(/1 warm pool,/g)).toHaveLength(2);
    expect(io.stdout).toMatch(/1-4[\s\S]*1-6/);
    const json = await watching({ args: ["--json"], terminal: [80, 24] }, (on, read) => read === 3 && on.interrupt());
    expect(
      json.io.stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { schemaVersion: number }).schemaVersion),
    ).toEqual([1]);
  });
});
