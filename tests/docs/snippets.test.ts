/** The code and the commands of README.md and docs, on every page: other suites also run the most important ones. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { run } from "../../src/cli/program.js";
import { compile } from "../support/compile.js";
import { fakeIo } from "../support/fake-io.js";

const root = join(__dirname, "../..");

interface Snippet {
  /** `docs/ci.md:12` */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

const pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md", ...globSync("{docs,examples}/**/*.md", { cwd: root })]
  .filter((page) => !page.includes("node_modules"))
  .map((page) => ({ page: page.replaceAll("\\", "/"), text: readFileSync(join(root, page), "utf8") }));
const fences = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;
const snippets = pages.flatMap(({ page, text }) =>
  [...text.matchAll(fences)].map(({ index, 1: indent = "", 2: language = "", 3: code = "" }): Snippet => {
    const line = text.slice(0, index).split("\n").length;
    return { place: `${page}:${line}`, language, code: code.replaceAll(new RegExp(`^${indent}`, "gm"), "") };
  }),
);
const snippetsIn = (language: string) => snippets.filter((snippet) => snippet.language === language);

/** What the page around a snippet has introduced. */
const context = `
import * as pulumiSdk from "@pulumi/pulumi";
import * as ona from "pulumi-ona";
import * as testing from "pulumi-ona/testing";
declare global {
  const projectId: string, environmentClassId: string, regular: string, large: string;
  const euProject: string, euClass: string, apiProject: string;
  const pools: ona.ProjectWarmPoolsArgs["pools"];
  const simulator: testing.Simulator;
  function hash(path: string): string;
  class DynamicProvider extends pulumiSdk.ProviderResource {
    constructor(name: string, settings?: pulumiSdk.Inputs);
  }
}
`;
const imports = `
import * as pulumi from "@pulumi/pulumi";
import { getLatestPrebuild, getWarmPools, Prebuild, ProjectWarmPools, WarmPool } from "pulumi-ona";
import { createStack, startSimulator } from "pulumi-ona/testing";
`;

test("every TypeScript snippet compiles, with the names that its page introduces", () => {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/snippets-"));
  try {
    const files = snippetsIn("ts")
      // The reference is generated from docstrings. Another suite runs the program of lookups.md.
      .filter(({ place }) => !/^docs\/(reference\/|lookups\.md)/.test(place))
      .map(({ place, code }) => {
        const name = `${place.replaceAll(/[/:.]/g, "-")}.ts`;
        writeFileSync(join(folder, name), /^import /m.test(code) ? code : `${imports}${code}`);
        return name;
      });
    expect(files.length).toBeGreaterThan(20);
    writeFileSync(join(folder, "context.ts"), context);
    // The SDK that `pulumi package add` generates.
    writeFileSync(join(folder, "sdk.d.ts"), 'declare module "@pulumi/ona";');
    const loose = { noUnusedLocals: false, noUncheckedIndexedAccess: false };
    const compilerOptions = { ...loose, module: "esnext", moduleResolution: "bundler" };
    const tsconfig = {
      extends: join(root, "tsconfig.json"),
      compilerOptions,
      include: [],
      files: [...files, "context.ts", "sdk.d.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    compile(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The commands in a line of a shell: what is between pipes and operators. */
const commandsIn = (line: string) =>
  line
    .replace(/(^|\s)#.*$/, "")
    .split(/\||&&|;/)
    .map((part) => part.trim().replace(/^\$ /, ""));

/** All commands, also those in the text. */
const commands = pages.flatMap(({ page, text }) => {
  const inText = [...text.replaceAll(fences, "").matchAll(/`((?:npx |npm run |npm |pulumi|pulumi-ona )[^`\n]*)`/g)];
  const inBlocks = snippetsIn("sh").filter(({ place }) => place.startsWith(`${page}:`));
  const lines = [...inText.map(([, code = ""]) => code), ...inBlocks.flatMap(({ code }) => code.split("\n"))];
  return lines.flatMap(commandsIn).map((command) => ({ page, command }));
});

/** The commands that begin with a program, with its arguments. */
const callsOf = (program: RegExp) =>
  commands.flatMap(({ page, command }) => {
    const rest = program.exec(command);
    return rest === null
      ? []
      : [{ page, command, args: command.slice(rest[0].length).match(/"[^"]*"|'[^']*'|\S+/g) ?? [] }];
  });

test("every `pulumi-ona` command has only options that exist", async () => {
  const calls = callsOf(/^(?:npx |bun --bun x )?pulumi-ona /);
  expect(calls.length).toBeGreaterThan(30);
  const help = async (name: string) => {
    const io = fakeIo();
    await run([name, "--help"], io);
    return io.stdout;
  };
  const names = ["drift", "import", "status", "simulate"];
  const texts = new Map(await Promise.all(names.map(async (name) => [name, await help(name)] as const)));
  const wrong = calls.filter(({ args: [name = "", ...args] }) => {
    const options = args.filter((arg) => arg.startsWith("--")).map((arg) => arg.replace(/=.*/, ""));
    return options.some((option) => !new RegExp(`${option}\\b`).test(texts.get(name) ?? "")) || !texts.has(name);
  });
  expect(wrong).toEqual([]);
});

/** The commands of the Pulumi CLI 3.260 that the documentation uses, with those of their options that it uses. */
const pulumiOptions: Readonly<Record<string, readonly string[]>> = {
  "config rm": [],
  "config set": ["--path", "--secret"],
  convert: ["--language", "--out"],
  destroy: ["--run-program", "--yes"],
  import: ["--file", "--generate-code"],
  install: [],
  login: ["--local"],
  new: [],
  do: ["--package"],
  "package add": [],
  "plugin install": ["--file", "--server"],
  preview: [
    "--config",
    "--diff",
    "--expect-no-changes",
    "--non-interactive",
    "--policy-pack",
    "--policy-pack-config",
    "--refresh",
    "--save-plan",
    "--stack",
  ],
  refresh: [
    "--clear-pending-creates",
    "--config",
    "--diff",
    "--expect-no-changes",
    "--preview-only",
    "--run-program",
    "--stack",
  ],
  stack: ["--show-urns"],
  "stack export": ["--show-secrets", "--stack"],
  "stack import": ["--stack"],
  "stack init": [],
  "stack rename": [],
  "stack select": [],
  "state delete": [],
  "state move": ["--dest", "--source"],
  "state unprotect": [],
  up: ["--parallel", "--plan", "--refresh", "--run-program", "--yes"],
};

test("every `pulumi` command and its options are those of the CLI", () => {
  const calls = callsOf(/^pulumi (?=[a-z])/);
  expect(calls.length).toBeGreaterThan(50);
  const wrong = calls.filter(({ args: [first = "", second = "", ...others] }) => {
    const nested = pulumiOptions[`${first} ${second}`];
    const options = (nested === undefined ? [second, ...others] : others).filter((arg) => arg.startsWith("-"));
    const known = nested ?? pulumiOptions[first];
    return known === undefined || options.some((option) => !known.includes(option.replace(/=.*/, "")));
  });
  expect(wrong).toEqual([]);
});

test("every npm script exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const calls = callsOf(/^npm run (?=[a-z])/).filter(({ page }) => !/automation/.test(page));
  expect(calls.filter(({ args: [name = ""] }) => !(name in scripts))).toEqual([]);
});

test("every YAML and JSON snippet can be parsed, and the pool of the README is that of docs/languages.md", () => {
  for (const { code } of snippetsIn("yaml")) parse(code);
  for (const { code } of snippetsIn("json")) JSON.parse(code);
  const [pipeline, pool] = snippetsIn("yaml").filter(({ place }) => place.startsWith("README.md"));
  const program = snippetsIn("yaml").find(({ code }) => code.includes("runtime: yaml"));
  expect(parse(pool?.code ?? "")).toEqual((parse(program?.code ?? "") as { resources: object }).resources);
  const [install, check] = parse(pipeline?.code ?? "") as { run: string; env?: Record<string, string> }[];
  const workflow = readFileSync(join(root, "examples/github-actions/.github/workflows/drift.yml"), "utf8");
  expect(workflow).toContain(`run: ${install?.run}\n`);
  expect(workflow).toContain(check?.run.replace("production", '"$STACK"'));
  expect(workflow).toContain(`ONA_API_KEY: ${check?.env?.["ONA_API_KEY"]}\n`);
});

test("every snippet is in a language that a test checks", () => {
  // Python, Go, and Java run in tests/real-cli and tests/conformance. Nothing here can run C#, as docs/languages.md says.
  const checked = ["ts", "sh", "yaml", "json", "text", "python", "go", "csharp", "java", "xml"];
  expect(snippets.filter(({ language }) => !checked.includes(language))).toEqual([]);
});
