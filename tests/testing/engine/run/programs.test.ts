import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crypterFor } from "../../../../src/testing/engine/state/secret-encryption.js";
import { text } from "../../../../src/testing/engine/state/property-values.js";
import {
  createStack,
  succeed,
  unknownValue,
  type OperationSummary,
  type ProviderCall,
  type StackOptions,
} from "../../../../src/testing/engine/index.js";

/** Declares `pulumi` and a dynamic resource `Thing`, which a new key replaces, delete first. */
const prelude = `
const pulumi = require("@pulumi/pulumi");
const provider = "exports.handler = () => ({" +
  "check: async (olds, news) => ({ inputs: news })," +
  "diff: async (id, olds, news) => ({ replaces: olds.key === news.key ? [] : ['key'], deleteBeforeReplace: true })," +
  "create: async (inputs) => ({ id: 'id-' + inputs.key, outs: { ...inputs, tag: 'tag-' + inputs.key } })," +
  "update: async (id, olds, news) => ({ outs: { ...news, tag: 'tag-' + news.key } })," +
  "delete: async () => {} })";
class Thing extends pulumi.CustomResource {
  constructor(name, args, opts) { super("pulumi-nodejs:dynamic/test:Thing", name, { __provider: provider, tag: undefined, ...args }, opts); }
}
`;

/** Creates a stack with a program that uses `Thing`. */
function stackOf(program: string, options: Partial<StackOptions> = {}): ReturnType<typeof createStack> {
  return createStack({ program: prelude + program, nodeModules: "node_modules", reuseProcesses: true, ...options });
}

function opsByName(result: OperationSummary): Record<string, string> {
  return Object.fromEntries(result.operations.map(({ name, op }) => [name, op]));
}

test("returns stack outputs with marked secrets, and unknown ones in a preview", async () => {
  await using stack = await stackOf(`
    const one = new Thing("one", { key: "a" });
    exports.tag = one.tag;
    exports.hidden = pulumi.secret(one.tag);
    exports.plain = { list: [1, "two", true] };
  `);
  const plan = await stack.preview();
  expect(plan.outputs["tag"]).toEqual({ value: unknownValue, secret: false });
  const up = await stack.up();
  expect(up.outputs).toEqual({
    tag: { value: "tag-a", secret: false },
    hidden: { value: "tag-a", secret: true },
    plain: { value: { list: [1, "two", true] }, secret: false },
  });
  expect(up.text).toContain("hidden: [secret]");
  expect(up.text).not.toContain('hidden: "tag-a"');
  expect((await stack.preview({ expectNoChanges: true })).exitCode).toBe(0);
});

test("passes config to program and provider, and keeps a secret value secret", async () => {
  const calls: ProviderCall[] = [];
  await using stack = await stackOf(
    `const config = new pulumi.Config();
     exports.region = config.require("region");
     exports.token = config.requireSecret("token");
     new Thing("one", { key: config.require("region") });`,
    { config: { region: "eu", token: { value: "s3cr3t", secret: true } }, onProviderCall: (call) => calls.push(call) },
  );
  const up = await stack.up();
  expect(up.outputs).toMatchObject({ region: { value: "eu" }, token: { value: "s3cr3t", secret: true } });
  const configure = calls.find(({ method }) => method === "Configure");
  expect(configure?.request["args"]).toMatchObject({ "test:region": "eu", "test:token": { value: "s3cr3t" } });
  expect(JSON.stringify(await stack.exportDeployment())).not.toContain("s3cr3t");
});

test("decrypts the secure parts of an object in the stack's settings and makes all of it a secret", async () => {
  const crypter = await crypterFor("passphrase");
  const secure = (value: string) => `{ secure: "${crypter.encrypt(value)}" }`;
  const settings = `encryptionsalt: ${crypter.salt}
config:
  test:open: { names: [a, b] }
  test:accounts: { eu: { apiKey: ${secure("s3cr3t")}, regions: [west, ${secure("h1dden")}] } }
`;
  await using stack = await createStack({
    program: {
      "index.js": `
        const config = new (require("@pulumi/pulumi").Config)();
        exports.open = config.requireObject("open");
        exports.accounts = config.requireSecretObject("accounts");`,
      "Pulumi.dev.yaml": settings,
    },
    nodeModules: "node_modules",
    reuseProcesses: true,
    passphrase: "passphrase",
  });
  expect((await stack.preview()).outputs).toMatchObject({
    open: { value: { names: ["a", "b"] }, secret: false },
    accounts: { value: { eu: { apiKey: "s3cr3t", regions: ["west", "h1dden"] } }, secret: true },
  });
});

test("a delete-first replacement also replaces the dependents of the replaced property", async () => {
  const calls: string[] = [];
  await using stack = await stackOf(
    `const one = new Thing("one", { key: process.env.KEY });
     new Thing("two", { key: one.tag });
     new Thing("three", { key: "c", note: one.tag });`,
    { env: { KEY: "a" }, onProviderCall: ({ method, request }) => calls.push(`${method} ${text(request["name"])}`) },
  );
  await stack.up();
  stack.setEnv("KEY", "b");
  calls.length = 0;
  const up = await stack.up();
  expect(opsByName(up)).toMatchObject({ one: "replace", two: "replace", three: "update" });
  const changing = calls.filter((call) => /^(Delete|Create|Update) /.test(call));
  expect(changing.slice(0, 3)).toEqual(["Delete two", "Delete one", "Create one"]);
  expect(changing.slice(3).sort()).toEqual(["Create two", "Update three"]);
  expect(up.operations.find(({ name }) => name === "one")?.diff).toMatchObject({ key: { before: "a", after: "b" } });
});

test("refuses a new resource with the name of another resource's alias", async () => {
  await using stack = await stackOf(
    `
    if (process.env.STEP === "1") new Thing("old", { key: "a" });
    else {
      const renamed = new Thing("new", { key: "a" }, { aliases: [{ name: "old" }] });
      new Thing("old", { key: renamed.tag });
    }
  `,
    { env: { STEP: "1" } },
  );
  expect((await stack.up()).exitCode).toBe(0);
  stack.setEnv("STEP", "2");
  const { exitCode, text } = await stack.up();
  expect(exitCode).toBe(1);
  expect(text).toMatch(/Duplicate resource URN '.*::old' conflicting with alias on resource with URN '.*::new'/);
});

test("children follow the alias of a renamed component and inherit its protection", async () => {
  await using stack = await stackOf(
    `class Group extends pulumi.ComponentResource {
       constructor(name, opts) {
         super("test:index:Group", name, {}, opts);
         new Thing(name + "-child", { key: "a" }, { parent: this });
         this.registerOutputs({ ready: true });
       }
     }
     new Group(process.env.NAME, { aliases: [{ name: "old" }], protect: process.env.NAME === "old" });`,
    { env: { NAME: "old" } },
  );
  await stack.up();
  expect(stack.state.filter(({ protect }) => protect).map(({ urn }) => urn.split("::").at(-1))).toEqual([
    "old",
    "old-child",
  ]);
  stack.setEnv("NAME", "new");
  const up = await stack.up();
  expect(up.changeSummary).toEqual({ same: 3 });
  expect(stack.state.map(({ urn }) => urn.split("::").at(-1))).toContain("new-child");
});

test("runs no more steps at the same time than `parallel`", async () => {
  const program = `
    const counting = provider.replace("create: async (inputs) =>", "create: async (inputs) => { " +
      "globalThis.n = (globalThis.n ?? 0) + 1; const most = globalThis.n; await new Promise(setImmediate); globalThis.n--; " +
      "return { id: 'x', outs: { ...inputs, most } }; }, made: async (inputs) =>");
    for (let i = 0; i < 6; i++) {
      exports["most" + i] = new pulumi.CustomResource("pulumi-nodejs:dynamic/test:Thing", "t" + i,
        { __provider: counting, most: undefined, key: String(i) }).most;
    }`;
  await using one = await stackOf(program, { parallel: 1 });
  const serial = await one.up();
  expect(Object.values(serial.outputs).map(({ value }) => value)).toEqual([1, 1, 1, 1, 1, 1]);
});

test("limits an operation to targets with wildcards and their dependents", async () => {
  await using stack = await stackOf(
    `const one = new Thing("one", { key: "a", size: process.env.SIZE });
     new Thing("two", { key: "b", size: process.env.SIZE }, { dependsOn: one });
     new Thing("three", { key: "c", size: process.env.SIZE });`,
    { env: { SIZE: "1" } },
  );
  await stack.up();
  stack.setEnv("SIZE", "2");
  expect(opsByName(await stack.preview({ target: ["**::one"] }))).toMatchObject({
    one: "update",
    two: "same",
    three: "same",
  });
  const withDependents = await stack.up({ target: ["**::one"], targetDependents: true });
  expect(opsByName(withDependents)).toMatchObject({ one: "update", two: "update", three: "same" });
  const missing = await stack.up({ target: ["urn:pulumi:dev::test::a:b:C::nothing"] });
  expect(missing.exitCode).toBe(1);
});

test("destroy deletes dependents first and refuses protected resources", async () => {
  const deleted: string[] = [];
  await using stack = await stackOf(
    `const one = new Thing("one", { key: "a" }, { protect: process.env.PROTECT === "yes" });
     new Thing("two", { key: "b" }, { dependsOn: one });`,
    {
      env: { PROTECT: "yes" },
      onProviderCall: ({ method, request }) => method === "Delete" && deleted.push(text(request["name"])),
    },
  );
  await stack.up();
  const refused = await stack.destroy();
  expect(refused.exitCode).toBe(1);
  expect(refused.text).toContain("cannot be deleted\nbecause it is protected");
  expect(deleted).toEqual(["two"]);
  stack.setEnv("PROTECT", "no");
  await stack.up();
  deleted.length = 0;
  expect((await stack.destroy({ runProgram: true })).exitCode).toBe(0);
  expect(deleted).toEqual(["two", "one"]);
  expect(stack.state).toEqual([]);
});

test("reports messages of program and provider while they run", async () => {
  const seen: string[] = [];
  await using stack = await stackOf(
    `console.log("from the program");
     pulumi.log.warn("mind the gap");
     const talking = provider.replace("create: async (inputs) =>", "create: async (inputs) => console.log('working') ??");
     new pulumi.CustomResource("pulumi-nodejs:dynamic/test:Thing", "one", { __provider: talking, key: "a" });`,
    { onOutput: (text) => seen.push(text) },
  );
  const up = await stack.up();
  expect(up.diagnostics.map(({ severity, message }) => `${severity}: ${message.trim()}`)).toEqual(
    expect.arrayContaining(["info: from the program", "warning: mind the gap", "info: working"]),
  );
  expect(seen.indexOf("working\n")).toBeLessThan(seen.findIndex((text) => text.startsWith("Resources:")));
});

test("refuses invalid arguments of setConfig and setEnv and names the valid ones", async () => {
  await using stack = await stackOf("");
  // Like a JavaScript test, which types do not check.
  const untyped: Record<"setEnv" | "setConfig", (...args: unknown[]) => void> = {
    setEnv: (...args) => stack.setEnv(...(args as Parameters<typeof stack.setEnv>)),
    setConfig: (...args) => stack.setConfig(...(args as Parameters<typeof stack.setConfig>)),
  };
  expect(() => untyped.setEnv({ KEY: "b" })).toThrow("setEnv takes the name of one variable and its value");
  expect(() => untyped.setEnv("KEY", 7)).toThrow(TypeError);
  expect(() => untyped.setConfig("ona:apiKey", "plain")).toThrow("setConfig takes a key and { value, secret }");
  expect(() => untyped.setConfig({ "ona:apiKey": { value: "x", secret: true } })).toThrow(TypeError);
});

test("runs a TypeScript program without checking its types, unless Pulumi's variable says so", async () => {
  const files = {
    "index.ts": `const size: number = "large"; console.log(size);`,
    "tsconfig.json": JSON.stringify({ compilerOptions: { types: [], lib: ["es5"], skipLibCheck: true } }),
  };
  await using stack = await stackOf("", { program: files });
  expect(await stack.preview()).toMatchObject({ exitCode: 0, text: expect.stringContaining("large") as string });
  stack.setEnv("PULUMI_NODEJS_TRANSPILE_ONLY", "false");
  expect(await stack.preview()).toMatchObject({ exitCode: 1, text: expect.stringContaining("TS2322") as string });
});

test("runs a TypeScript program as an ES module if its package is one, like the CLI", async () => {
  const files = {
    // Node itself runs no enums.
    "index.ts": `enum Size { large = 3 } export const size = await Size.large; export const folder = import.meta.dirname;`,
    "package.json": JSON.stringify({ type: "module", main: "index.ts" }),
    "tsconfig.json": JSON.stringify({ compilerOptions: { module: "nodenext", target: "es2022" } }),
  };
  await using stack = await stackOf("", { program: files });
  const { outputs } = await succeed(stack.preview());
  const folder = expect.stringContaining("pulumi-program-") as string;
  expect(outputs).toMatchObject({ size: { value: 3 }, folder: { value: folder } });
});

test("starts the provider while the program loads, and leaves none behind if the program needs none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "early-provider-"));
  const [marker, preload] = [join(folder, "pid"), join(folder, "preload.cjs")];
  const note = `require("fs").writeFileSync(${JSON.stringify(marker)}, String(process.pid));`;
  writeFileSync(preload, `if (/dynamic-provider/.test(process.argv[1])) ${note}`);
  try {
    await using stack = await createStack({
      program: `while (!require("fs").existsSync(${JSON.stringify(marker)})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);`,
      nodeModules: "node_modules",
      env: { NODE_OPTIONS: `--require ${JSON.stringify(preload)}` },
    });
    await succeed(stack.preview());
    expect(() => process.kill(Number(readFileSync(marker, "utf8")), 0)).toThrow("ESRCH");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a program loads the libraries of the SDK for tracing, manifests and automation only when it uses them", async () => {
  await using stack = await stackOf(`
    const { dirname } = require("path");
    const sdk = require("module").createRequire(require.resolve("@pulumi/pulumi"));
    const loaded = (name) => Object.keys(require.cache).some((path) => path !== sdk.resolve(name) && path.startsWith(dirname(sdk.resolve(name))));
    const names = ["semver", "js-yaml", "@npmcli/arborist", "@opentelemetry/sdk-trace-base", "@opentelemetry/exporter-zipkin"];
    exports.before = names.filter(loaded);
    exports.major = sdk("semver").major("3.2.1");
    exports.yaml = sdk("js-yaml").load("[1]");
    exports.after = names.filter(loaded);
  `);
  const { outputs } = await succeed(stack.preview());
  expect(Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))).toEqual({
    before: [],
    major: 3,
    yaml: [1],
    after: ["semver", "js-yaml"],
  });
});
