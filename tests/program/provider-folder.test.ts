/** From which folder a program expects the provider process to load the package. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as automationServer from "@pulumi/pulumi/automation/server";
import * as runtimeState from "@pulumi/pulumi/runtime/state";
import { providerFolder, requireProvider } from "../../src/program/provider-folder.js";

const { LanguageServer } = automationServer as unknown as {
  LanguageServer: new (program: () => unknown) => { run(call: unknown, callback: () => void): Promise<void> };
};
const { withLocalStorage } = runtimeState as unknown as { withLocalStorage: <T>(run: () => T) => T };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pulumi-ona-folder-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function install(place: string): void {
  const installed = join(place, "node_modules/pulumi-ona");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify({ exports: { "./provider": "./provider.js" } }));
  writeFileSync(join(installed, "provider.js"), "");
}

/** Runs something as the SDK runs an inline program that the engine asks for. */
async function runInline(providerFolder: string, observe: () => void): Promise<void> {
  let failure: Error | undefined;
  const request = {
    getPwd: () => providerFolder,
    // What the SDK reads first.
    getArgsList() {
      try {
        observe();
      } catch (error) {
        failure = error as Error;
      }
      throw new Error("the program ends here");
    },
  };
  await new LanguageServer(() => undefined).run({ request }, () => undefined);
  if (failure !== undefined) throw failure;
}

test("names the folder and the command if the package can't be found from where the provider starts", () => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ packageManager: "pnpm@10.34.0" }));
  const check = () => requireProvider(join(folder, "program"));
  expect(check).toThrow(pulumi.RunError);
  expect(check).toThrow(
    `pulumi-ona can't be found from ${join(folder, "program")}, where Pulumi starts the provider. Run \`pnpm add pulumi-ona\` in that folder. `,
  );
});

test.each(["program", "."])("accepts the package in the folder %s", (place) => {
  mkdirSync(join(folder, "program"));
  install(join(folder, place));
  expect(() => requireProvider(join(folder, "program"))).not.toThrow();
});

test("a program that the CLI starts looks in the folder that it starts in, wherever it goes later", () => {
  const start = process.cwd();
  process.chdir(folder);
  try {
    expect(providerFolder()).toBe(start);
  } finally {
    process.chdir(start);
  }
});

test("an inline program looks in the folder that the engine names, which is not its own", async () => {
  const place = join(folder, "program");
  await expect(runInline(place, () => requireProvider())).rejects.toThrow(
    `pulumi-ona can't be found from ${place}, where Pulumi starts the provider. Run \`npm install pulumi-ona\` in that folder, or set main `,
  );
  const other = join(folder, "other");
  install(other);
  await runInline(other, () => requireProvider());
});

test("concurrent inline programs each have their own folder", async () => {
  const seen: (string | undefined)[] = [];
  await Promise.all(["a", "b"].map((name) => runInline(name, () => seen.push(providerFolder()))));
  expect(seen.sort()).toEqual(["a", "b"]);
});

test("an inline program that loads the package while it runs refuses nothing, because the folder is unknown", () => {
  expect(withLocalStorage(providerFolder)).toBeUndefined();
  expect(() => withLocalStorage(() => requireProvider())).not.toThrow();
});

test("a component of another package looks in the folder that its process starts in", () => {
  const [node = "", ...args] = process.argv;
  process.argv = [node, join(folder, "node_modules/@pulumi/pulumi/cmd/run-plugin/index.js")];
  try {
    expect(withLocalStorage(providerFolder)).toBe(process.cwd());
  } finally {
    process.argv = [node, ...args];
  }
});
