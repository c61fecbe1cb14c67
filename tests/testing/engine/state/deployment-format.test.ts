import { createStack, type StackOptions, type UntypedDeployment } from "../../../../src/testing/engine/index.js";
import { probeFolder, type ProbeFolder, type ProbeSpec } from "../probe-folder.js";
import { readRecording, recordingNames } from "../recorded-commands.js";

const open = (options: StackOptions) => createStack({ reuseProcesses: true, ...options });

let folder: ProbeFolder;
beforeEach(() => (folder = probeFolder()));
afterEach(() => folder.remove());

function programOf(probes: readonly ProbeSpec[]): Record<string, string> {
  return { PROBE_LIVE: folder.liveFile, PROBE_PROGRAM: JSON.stringify(probes) };
}

/** The resources of each recorded command as a deployment. */
function recordedDeployments(): (readonly [string, UntypedDeployment])[] {
  return recordingNames("dynamic").flatMap((name) =>
    readRecording("dynamic", name).map(({ resources }, i) => {
      const deployment = { manifest: { time: "", magic: "", version: "" }, resources: [...resources], metadata: {} };
      return [`${name}, command ${i}`, { version: 3, deployment }] as const;
    }),
  );
}

test("writes every recorded deployment without secrets as it was read", async () => {
  await using stack = await open({ workDir: folder.workDir });
  const readable = recordedDeployments().filter(
    ([, { deployment }]) => !JSON.stringify(deployment).includes("ciphertext"),
  );
  for (const [name, deployment] of readable) {
    await stack.importDeployment(deployment);
    const { resources = [] } = (await stack.exportDeployment()).deployment;
    expect({ name, resources }).toEqual({ name, resources: deployment.deployment["resources"] });
  }
  expect(readable.length).toBeGreaterThan(100);
});

test("writes unknown fields back", async () => {
  const resource = {
    urn: "urn:pulumi:dev::p::a:b:C::c",
    custom: true,
    id: "x",
    type: "a:b:C",
    taint: true,
    viewOf: "v",
  };
  await using stack = await open({ workDir: folder.workDir });
  const deployment = {
    manifest: { time: "t", magic: "m", version: "v" },
    resources: [resource],
    metadata: { integrity_error: {} },
  };
  await stack.importDeployment({ version: 3, deployment });
  expect(await stack.exportDeployment()).toEqual({ version: 3, deployment });
});

test("encrypts secrets, keeps unchanged ciphertexts, and refuses a wrong passphrase", async () => {
  const program = [{ name: "one", args: { size: 1, key: "k1" }, secret: "s3cr3t" }];
  const options = { workDir: folder.workDir, stack: "dev", env: programOf(program), passphrase: "correct horse" };
  await using first = await open(options);
  expect((await first.up()).exitCode).toBe(0);
  const exported = await first.exportDeployment();
  expect(JSON.stringify(exported)).not.toContain("s3cr3t");
  expect(exported.deployment["secrets_providers"]).toMatchObject({ type: "passphrase" });

  await using second = await open(options);
  await second.importDeployment(exported);
  expect(await second.exportDeployment()).toEqual(exported);
  const plan = await second.preview({ expectNoChanges: true });
  expect(plan.exitCode).toBe(0);

  await using stranger = await open({ ...options, passphrase: "wrong" });
  await expect(stranger.importDeployment(exported)).rejects.toThrow("incorrect passphrase");
});

test("does not change the state in a preview", async () => {
  await using stack = await open({
    workDir: folder.workDir,
    env: programOf([{ name: "one", args: { size: 1, key: "k1", dbr: false } }]),
  });
  await stack.up();
  const before = await stack.exportDeployment();
  stack.setEnv("PROBE_PROGRAM", JSON.stringify([{ name: "one", args: { size: 1, key: "k2", dbr: false } }]));
  const plan = await stack.preview();
  expect(plan.changeSummary).toMatchObject({ replace: 1 });
  expect(await stack.exportDeployment()).toEqual(before);
});
