/** `pulumi-ona status`: pictures of pools, once and again and again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import stringWidth from "string-width";
import { run } from "../../src/cli/program.js";
import { type Canvas, draw, drawBar } from "../../src/cli/status/render.js";
import { type PoolPicture, pictureOf } from "../../src/cli/status/account-status.js";
import { paletteFor } from "../../src/cli/format.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/testing/simulator/index.js";
import { FakeClock } from "../support/fake-clock.js";
import { type FakeIo, fakeIo, type FakeIoOptions, pulumiOna } from "../support/fake-io.js";
import { details } from "../support/pools.js";

/** When the pools of these tests were made. */
const epoch = Date.parse("2026-03-01T12:00:00Z");

const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/status.schema.json"), "utf8")) as object;
const plain: Canvas = {
  palette: paletteFor({ env: {}, screen: undefined }),
  unicode: true,
  width: undefined,
  height: undefined,
};
const bars = (overrides: Partial<PoolPicture>, longest = 20, canvas = plain) =>
  drawBar({ ...details(), prebuildsRunning: 0, ...overrides }, longest, canvas);

test.each<[Partial<PoolPicture>, string]>([
  [{ minSize: 1, maxSize: 4, runningInstances: 2, stoppedInstances: 1 }, "[█│█▒·] 1-4"],
  [{ minSize: 0, maxSize: 3, runningInstances: 0, stoppedInstances: 0 }, "[│···] 0-3"],
  [{ minSize: 2, maxSize: 2, runningInstances: 2, stoppedInstances: 0 }, "[██│] 2-2"],
  [{ minSize: 1, maxSize: 2, runningInstances: 3, stoppedInstances: 1 }, "[█│██▒] 1-2"],
])("a bar has a cell for each instance and a mark at the least size: %o", (pool, bar) => {
  expect(bars(pool)).toBe(bar);
});

test("a long bar is drawn to scale, and without block characters in ASCII", () => {
  const big = { minSize: 10, maxSize: 20, runningInstances: 10, stoppedInstances: 4 };
  expect(bars(big)).toBe("[██████████│▒▒▒▒······] 10-20");
  expect(bars(big, 10)).toBe("[█████│▒▒···] 10-20");
  expect(
    bars({ minSize: 1, maxSize: 4, runningInstances: 2, stoppedInstances: 1 }, 20, { ...plain, unicode: false }),
  ).toBe("[#|#=.] 1-4");
});

test("sizes that the API does not have are no sizes", () => {
  const { minSize: _min, maxSize: _max, ...pool } = details();
  expect(drawBar({ ...pool, prebuildsRunning: 0 }, 20, plain)).toBe("[│█] ?-?");
});

const hostile = "no capacity \u001b[2J \u202e".repeat(20);
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

test.each([10, 20, 30, 40, 60, 72, 80, 100, 120, 160, 220])(
  "no line is wider than a terminal of %d columns",
  (width) => {
    const lines = draw(pictureOf(account), { ...plain, width });
    // The id and the phase are the least that is shown.
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(width, 18));
    expect(lines.join("\n")).toContain("DEGRADED");
    expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  },
);

test.each([1, 2, 5, 10, 14, 17])("no picture is higher than %d lines, and it says what is left out", (height) => {
  const lines = draw(pictureOf(account), { ...plain, width: 80, height });
  expect(lines.length).toBeLessThanOrEqual(Math.max(height, 2));
  if (height < 14) expect(lines.at(-1)).toMatch(/^and \d+ lines more$/);
});

test("the age of a snapshot is that of the newest completed prebuild of the pool's project and class", () => {
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
  const { warmPools, prebuildsRunning } = pictureOf({ warmPools: [pool], prebuilds, now: epoch });
  expect(prebuildsRunning).toBe(1);
  expect(warmPools[0]).toMatchObject({
    prebuildsRunning: 1,
    newestPrebuild: "FAILED",
    snapshotAt: prebuilds[3]?.completedAt,
  });
  const text = draw(pictureOf({ warmPools: [pool], prebuilds, now: epoch }), plain).join("\n");
  expect(text).toMatch(/ 4h +1 under way, last FAILED$/m);
  const { snapshotId: _, ...empty } = pool;
  expect(draw(pictureOf({ warmPools: [empty], prebuilds, now: epoch }), plain).join("\n")).toMatch(
    / none +1 under way/,
  );
  expect(draw(pictureOf({ warmPools: [pool], prebuilds: [], now: epoch }), plain).join("\n")).toMatch(
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

  test("once: plain text where standard output is no terminal, colours where it is one", async () => {
    const { id } = await start();
    const piped = await pulumiOna(["status"], { env: { ...simulator.env, LANG: "C.UTF-8" } });
    expect(piped).toMatchObject({ exitStatus: 0, stderr: "" });
    expect(piped.stdout).toMatch(new RegExp(`${id} .* READY +\\[█│▒▒▒\\] 1-4 +1/3/1 +1h +-\\n$`));
    expect(piped.stdout).not.toContain("\u001b");
    const shown = await pulumiOna(["status"], { env: simulator.env, terminal: [80, 24] });
    expect(shown.stdout).toContain("\u001b[32mREADY");
    expect(shown.stdout).not.toContain("\u001b[?1049h");
  });

  test("--json follows docs/status.schema.json", async () => {
    const { id } = await start();
    const valid = new Ajv2020({ allErrors: true, strict: true }).compile(schema);
    const { stdout } = await pulumiOna(["status", "--json"], { env: simulator.env });
    const picture: unknown = JSON.parse(stdout);
    valid(picture);
    expect(valid.errors).toBeNull();
    expect(picture).toMatchObject({ schemaVersion: 1, warmPools: [{ id, phase: "READY", maxSize: 4 }] });
    expect(valid({ schemaVersion: 1 })).toBe(false);
  });

  test("the API failing is exit status 1", async () => {
    await start();
    simulator.fault({ rpc: "ListPrebuilds", error: { code: "permission_denied" }, times: "always" });
    expect(await pulumiOna(["status"], { env: simulator.env })).toMatchObject({ exitStatus: 1, stdout: "" });
  });

  /** Runs `status --watch` and calls `onLook` once each look has been shown, until it interrupts. */
  async function watching(options: FakeIoOptions & { args?: string[] }, onLook: (io: FakeIo, look: number) => void) {
    // Retries of the client pass by themselves; the wait for the next look does so once the test has had its turn.
    const clock = new FakeClock({ passing: 20_000 });
    let look = 0;
    const io: FakeIo = fakeIo({
      ...options,
      env: { ...simulator.env, LANG: "C.UTF-8", ...options.env },
      clock: {
        monotonic: () => clock.monotonic(),
        wall: () => clock.wall(),
        sleep: async (milliseconds, signal) => {
          if (milliseconds === 7_000) onLook(io, ++look);
          await clock.sleep(milliseconds, signal);
        },
      },
    });
    const exitStatus = await run(["status", "--watch", "--interval", "7s", ...(options.args ?? [])], io);
    return { exitStatus, io };
  }

  test("--watch draws over the old picture, shows trouble, goes on, and puts the terminal back at ^C with exit status 0", async () => {
    const { id } = await start();
    const { exitStatus, io } = await watching({ terminal: [100, 20] }, (on, look) => {
      if (look === 1)
        simulator.fault({ rpc: "ListWarmPools", error: { code: "unavailable", message: "maintenance" }, times: 2 });
      if (look === 2) {
        expect(on.stdout).toContain("unavailable: maintenance");
        expect(on.stdout).toMatch(/looking again every\s+7s/);
        simulator.degrade(id, "no capacity");
      }
      if (look === 3) {
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

  test("--watch keeps going when the very first look fails, too", async () => {
    await start();
    simulator.fault({ rpc: "ListWarmPools", error: { code: "unavailable" }, times: 2 });
    const { exitStatus, io } = await watching({ terminal: [80, 24] }, (on, look) => look === 2 && on.interrupt());
    expect(exitStatus).toBe(0);
    expect(io.stdout).toContain("1 warm pool, 0 prebuilds under way");
  });

  test("a failure that does not pass by itself ends --watch with exit status 1, and the terminal is put back first", async () => {
    await start();
    const { exitStatus, io } = await watching({ terminal: [80, 24] }, () =>
      simulator.fault({ rpc: "ListWarmPools", error: { code: "permission_denied" }, times: "always" }),
    );
    expect(exitStatus).toBe(1);
    expect(io.stdout).toContain("\u001b[?1049l");
    expect(io.stderr).toContain("permission_denied");
  });

  test("--watch without a terminal prints a picture for each change, and nothing in between", async () => {
    const { id } = await start();
    const { io } = await watching({}, (on, look) => {
      if (look === 3) simulator.resize(id, { maxSize: 6 });
      if (look === 5) on.interrupt();
    });
    expect(io.stdout).not.toContain("\u001b");
    expect(io.stdout.match(/1 warm pool,/g)).toHaveLength(2);
    expect(io.stdout).toMatch(/1-4[\s\S]*1-6/);
    const json = await watching({ args: ["--json"], terminal: [80, 24] }, (on, look) => look === 3 && on.interrupt());
    expect(
      json.io.stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { schemaVersion: number }).schemaVersion),
    ).toEqual([1]);
  });
});
