/** What the processes of a stack load, module by module: what it declares, when it is first needed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProcessPool } from "../../src/testing/engine/host/process-pool";
import { type Bench, startBench, succeed } from "../support/warm-pools";

let notes: string;
beforeEach(() => (notes = mkdtempSync(join(tmpdir(), "loaded-"))));
afterEach(() => rmSync(notes, { recursive: true, force: true }));

/** Notes each module that a process loads, in a file of the process; a provider is ended by a signal, so nothing can wait for its exit. */
const preload = () => `
const { appendFileSync } = require("node:fs");
const { Module } = require("node:module");
const note = (path) => appendFileSync(${JSON.stringify(notes)} + "/" + process.pid, path + "\\n");
note(process.argv[1]);
const load = Module._extensions[".js"];
Module._extensions[".js"] = function (module, path) {
  note(path);
  return load(module, path);
};`;

type Side = "program" | "provider";

/** A stack whose processes note what they load. */
async function noting(): Promise<Bench> {
  const file = join(notes, "preload.cjs");
  writeFileSync(file, preload());
  return startBench({ stack: { reuseProcesses: false, env: { NODE_OPTIONS: `--require ${JSON.stringify(file)}` } } });
}

/** The modules of this package, and the packages that only it brings, of all processes of a side since the last time. */
function loaded(side: Side): string[] {
  const names = new Set<string>();
  for (const process of readdirSync(notes).filter((name) => /^\d+$/.test(name))) {
    const [script = "", ...paths] = readFileSync(join(notes, process), "utf8").split(/\r?\n/);
    if (/dynamic-provider/.test(script) !== (side === "provider")) continue;
    rmSync(join(notes, process));
    for (const path of paths) {
      const [, own] = /node_modules.pulumi-ona.dist.(.+)\.c?js$/.exec(path) ?? [];
      const [, other] = /^.*node_modules.((?:@[^/\\]+.)?[^/\\]+)/.exec(path) ?? [];
      if (own !== undefined) names.add(own.replaceAll("\\", "/"));
      else if (other !== undefined && brought.has(other)) names.add(other);
    }
  }
  return [...names].sort();
}

// What the SDK does not bring itself.
const brought = new Set(["undici", "zod"]);

/** The clock is put under the processes by the tests' own preload. */
const ofTests = new Set(["testing/engine/host/clock-preload"]);
const withoutClock = (names: string[]) => names.filter((name) => !ofTests.has(name));

const declaring = [
  "util/duration",
  "program/option-inputs",
  "program/mocks",
  "program/package-manager",
  "program/inline-folder",
  "program/provider-folder",
  "program/register",
  "program/stub",
  "program/transforms",
  "program/options",
  "settings/setting-rows",
  "index",
  "lifecycle/properties",
  "lifecycle/timeouts",
];

test("a program that declares pools loads what declares pools, and nothing that checks, calls or tests them", async () => {
  await using bench = await noting();
  bench.declare({ name: "web", args: { projectId: bench.project, environmentClassId: bench.regular } });
  await succeed(bench.stack.preview());
  expect(withoutClock(loaded("program"))).toEqual(
    [...declaring, "warm-pool/properties", "warm-pool/resource", "warm-pool/traits"].sort(),
  );
});

test("a program that declares prebuilds loads what declares prebuilds", async () => {
  await using bench = await noting();
  bench.declare({ kind: "Prebuild", name: "web", args: { projectId: bench.project } });
  await succeed(bench.stack.preview());
  expect(withoutClock(loaded("program"))).toEqual(
    [...declaring, "prebuild/properties", "prebuild/resource", "prebuild/traits", "prebuild/serialize-triggers"].sort(),
  );
});

test("a provider process loads the rooms of what the stack has, its client with undici and zod when first needed, and never the program's side", async () => {
  await using bench = await noting();
  bench.declare({
    name: "web",
    args: { projectId: bench.project, environmentClassId: bench.regular, waitForReady: false },
  });
  await succeed(bench.stack.up());
  const calling = withoutClock(loaded("provider"));
  await succeed(bench.stack.preview({ expectNoChanges: true }));
  const checking = withoutClock(loaded("provider"));
  expect(checking).toEqual(
    [
      "util/nullish",
      "util/secure-url",
      "client/proxy",
      "settings/call-log",
      "lifecycle/validation",
      "settings/client-options",
      "settings/error-advice",
      "util/clock",
      "settings/settings",
      "settings/setting-rows",
      "settings/sources",
      "settings/connections",
      "util/duration",
      "hosts/dynamic/hidden-inputs",
      "hosts/dynamic/declared-names",
      "hosts/dynamic/reporter",
      "hosts/dynamic/errors",
      "hosts/dynamic/provider",
      "hosts/dynamic/signals",
      "hosts/declarations",
      "hosts/resource-host",
      "hosts/session",
      "hosts/unknown-markers",
      "lifecycle/failures",
      "util/spelling",
      "util/node-version",
      "util/expected-error",
      "provider",
      "prebuild/traits",
      "lifecycle/diff",
      "lifecycle/interrupt",
      "lifecycle/properties",
      "lifecycle/same-value",
      "lifecycle/state",
      "util/text",
      "lifecycle/unknown",
      "util/uuid",
      "util/version",
      "warm-pool/binding",
      "warm-pool/properties",
      "warm-pool/diff",
      "warm-pool/inputs",
      "warm-pool/state",
      "warm-pool/traits",
    ].sort(),
  );
  const forCalls = calling.filter((name) => !checking.includes(name));
  expect(forCalls.filter((name) => !/^(client|warm-pool|batched-reads|lifecycle|util)\//.test(name))).toEqual([
    "undici",
    "zod",
  ]);
});

test("all suites of a jest worker share the processes that have loaded the SDK", () => {
  const pool = (globalThis as Record<symbol, unknown>)[Symbol.for("pulumi-ona.processPool")];
  // One that this suite has made would be an instance of the class that it has loaded.
  expect(pool).toBeDefined();
  expect(pool).not.toBeInstanceOf(ProcessPool);
});
