import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createStack, succeed, type OperationSummary, type Stack } from "../../../../src/testing/engine/index.js";
import { probeFolder, type ProbeFolder } from "../probe-folder.js";
import { replay } from "../replay.js";

let folder: ProbeFolder;
beforeEach(() => (folder = probeFolder("native")));
afterEach(() => folder.remove());

// `npm run test:all` replays all recordings.
test.each([
  "14-update-partial",
  "17-drift-restore",
  "28-import-option-differs",
  "39-interrupt-create",
  "47-provider-config-replaces",
  "57-alias-from-dynamic",
])("behaves like the recorded Pulumi engine with a plugin: %s", (name) => replay("native", name));

const declare = `
  const pulumi = require("@pulumi/pulumi");
  const thing = (name, args, opts) =>
    new pulumi.CustomResource("probe:index:Thing", name, { key: name, size: 1, ...args }, opts);`;

function createProbeStack(source: string): Promise<Stack> {
  writeFileSync(join(folder.workDir, "index.js"), declare + source);
  return createStack({ workDir: folder.workDir, reuseProcesses: true });
}

function errors({ diagnostics }: OperationSummary): string[] {
  return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** A generated SDK sends the version and the source of its plugin. The CLI (3.260) names and stores providers like this. */
test("has a default provider per version and source of the plugin, as the CLI does", async () => {
  const url = "github://api.github.com/acme/pulumi-probe";
  await using stack = await createProbeStack(`
    thing("a", {}, { version: "1.0.0" });
    thing("b", {}, { version: "1.0.0-alpha.1", pluginDownloadURL: "${url}" });
    exports.found = pulumi.runtime.invokeOutput("probe:index:getThing", { key: "a" }, { version: "1.0.0" });`);
  stack.setConfig("probe:region", { value: "east", secret: false });
  const { outputs } = await succeed(stack.up());
  expect(outputs).toEqual({ found: { value: { key: "a", phase: "READY", size: 0 }, secret: false } });
  const providers = stack.state.filter(({ type }) => type === "pulumi:providers:probe");
  const outputsOf = (version: string) => ({ region: "east", version });
  expect(
    Object.fromEntries(providers.map(({ urn, inputs, outputs }) => [urn.split("::").at(-1), [inputs, outputs]])),
  ).toEqual({
    default_1_0_0: [{ ...outputsOf("1.0.0"), __internal: {} }, outputsOf("1.0.0")],
    "default_1_0_0_alpha_1_github_/api.github.com/acme/pulumi-probe": [
      { ...outputsOf("1.0.0-alpha.1"), __internal: { pluginDownloadURL: url } },
      outputsOf("1.0.0-alpha.1"),
    ],
  });
  await succeed(stack.preview({ expectNoChanges: true }));
});

test("imports a resource of a plugin by its id alone", async () => {
  writeFileSync(folder.liveFile, JSON.stringify({ "id-a": { key: "a", size: 4 } }));
  await using stack = await createProbeStack(`thing("a", { size: 4 }, { protect: true });`);
  stack.setEnv("PROBE_LIVE", folder.liveFile);
  await succeed(stack.import({ resources: [{ type: "probe:index:Thing", name: "a", id: "id-a", protect: true }] }));
  await succeed(stack.preview({ expectNoChanges: true }));
});

test("runs a plugin that is no Node script, and shows what it printed if it ends early", async () => {
  const plugin = join(folder.workDir, "../probe/pulumi-resource-probe");
  renameSync(plugin, `${plugin}.js`);
  writeFileSync(plugin, `#!/bin/sh\necho "no bottom" >&2\nexec "${process.execPath}" "$0.js" "$@"\n`, { mode: 0o755 });
  await using stack = await createProbeStack(`thing("a", { behave: process.env.BEHAVE });`);
  const { diagnostics } = await succeed(stack.up());
  expect(diagnostics.filter(({ severity }) => severity !== "debug")).toEqual([]);
  await succeed(stack.destroy());
  stack.setEnv("BEHAVE", "exit");
  expect(errors(await stack.up())[0]).toBe(
    "the provider process died while Create was running: exit code 3\nno bottom",
  );
});

test("names the folder that has no plugin", async () => {
  rmSync(join(folder.workDir, "../probe/pulumi-resource-probe"));
  await using stack = await createProbeStack(`thing("a");`);
  expect(errors(await stack.preview())[0]).toMatch(/there is no executable pulumi-resource-probe in .*probe$/m);
});

test("says what the start of a plugin printed if it fails", async () => {
  const service = join(folder.workDir, "../probe/service.js");
  writeFileSync(service, `throw new Error("the moon is down");${readFileSync(service, "utf8")}`);
  await using stack = await createProbeStack(`thing("a");`);
  expect(errors(await stack.preview())[0]).toMatch(
    /could not start .*pulumi-resource-probe: exit code 1.*the moon is down/s,
  );
});
