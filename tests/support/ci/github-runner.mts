/**
 * Lints and runs GitHub workflows: `lint FILE…` uses GitHub's language service, `run REQUEST` acts like a runner.
 *
 * It is a separate program because jest cannot load GitHub's ES modules. It prints JSON on standard output.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { parse } from "yaml";
import { z } from "zod";
import type { JobRequest, JobResult, StepResult } from "./github-job.js";

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const environment = z.record(z.string(), scalar).default({});
// Strict schemas, so that unsupported workflow features fail.
const stepFile = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  if: scalar.optional(),
  uses: z.string().optional(),
  with: environment,
  env: environment,
  run: z.string().optional(),
});
const jobFile = z.strictObject({
  needs: z.string().optional(),
  if: scalar.optional(),
  permissions: z.record(z.string(), z.string()).optional(),
  outputs: environment,
  "runs-on": z.string(),
  environment: z.string().optional(),
  "timeout-minutes": z.number(),
  defaults: z.strictObject({ run: z.strictObject({ shell: z.literal("bash") }) }).optional(),
  env: environment,
  steps: z.array(stepFile),
});
const workflowFile = z.object({ env: environment, jobs: z.record(z.string(), jobFile) });

type Step = z.infer<typeof stepFile>;
type Status = "success" | "failure";

async function lint(files: readonly string[]): Promise<string[]> {
  // They take a second to load, and Node alone can't load the JSON that they import.
  const [{ validate }, { TextDocument }] = await Promise.all([
    import("@actions/languageservice"),
    import("vscode-languageserver-textdocument"),
  ]);
  const found = await Promise.all(
    files.map(async (file) => {
      const text = readFileSync(file, "utf8");
      const document = TextDocument.create(`file:///.github/workflows/${basename(file)}`, "yaml", 1, text);
      return (await validate(document)).map(({ range, message }) => {
        const said = typeof message === "string" ? message : message.value;
        return `${basename(file)}:${range.start.line + 1}: ${said}`;
      });
    }),
  );
  return found.flat();
}

function run({ file, job: name, github, inputs = {}, needs = {}, secrets, env, cwd }: JobRequest): JobResult {
  const workflow = workflowFile.parse(parse(readFileSync(file, "utf8")));
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`${file} has no job ${name}`);
  const contexts: Record<string, unknown> = { github, inputs, needs, secrets };
  if (!isTrue(job.if ?? "true", contexts, "success")) {
    return { conclusion: "skipped", steps: [], summary: "", outputs: {} };
  }

  const folder = mkdtempSync(join(tmpdir(), "github-runner-"));
  const summary = join(folder, "summary");
  writeFileSync(summary, "");
  const outer = evaluateAll({ ...workflow.env, ...job.env }, contexts);
  const steps: Record<string, { outcome: string; outputs: Record<string, string> }> = {};
  const results: StepResult[] = [];
  let status: Status = "success";
  for (const [index, step] of job.steps.entries()) {
    const seen = { ...contexts, steps, env: outer };
    const outputs = join(folder, `output-${index}`);
    writeFileSync(outputs, "");
    const wanted = isTrue(step.if ?? "success()", seen, status);
    const result = wanted
      ? runStep(
          step,
          job.defaults !== undefined,
          {
            ...env,
            GITHUB_REPOSITORY: String(github["repository"]),
            ...outer,
            ...evaluateAll(step.env, seen),
            GITHUB_OUTPUT: outputs,
            GITHUB_STEP_SUMMARY: summary,
          },
          cwd,
          join(folder, `step-${index}.sh`),
        )
      : { outcome: "skipped" as const, log: "" };
    results.push({ name: step.name ?? step.uses ?? step.run ?? "", ...result });
    if (step.id !== undefined) steps[step.id] = { outcome: result.outcome, outputs: readOutputs(outputs) };
    if (result.outcome === "failure") status = "failure";
  }
  const jobOutputs = evaluateAll(job.outputs, { ...contexts, steps });
  return { conclusion: status, steps: results, summary: readFileSync(summary, "utf8"), outputs: jobOutputs };
}

/** Runs the commands of a step. Treats an action as successful. */
function runStep(
  step: Step,
  bash: boolean,
  env: Record<string, string>,
  cwd: string,
  script: string,
): { outcome: Status; log: string } {
  if (step.run === undefined) return { outcome: "success", log: "" };
  if (step.run.includes("${{")) throw new Error(`an expression within commands: ${step.run}`);
  writeFileSync(script, step.run);
  // Like GitHub: `shell: bash` fails if any command of a pipe fails; the default shell only checks the last one.
  const args = bash ? ["--noprofile", "--norc", "-eo", "pipefail", script] : ["-e", script];
  const { status, stdout, stderr } = spawnSync("bash", args, { cwd, env, encoding: "utf8" });
  return { outcome: status === 0 ? "success" : "failure", log: stdout + stderr };
}

function readOutputs(file: string): Record<string, string> {
  const pattern = /^(?:(\w+)=(.*)|(\w+)<<(.+)\n([^]*?)\n\4)$/gm;
  const found = [...readFileSync(file, "utf8").matchAll(pattern)];
  return Object.fromEntries(
    found.map((match): [string, string] => [match[1] ?? match[3] ?? "", match[2] ?? match[5] ?? ""]),
  );
}

function evaluateAll(values: Record<string, string>, contexts: object): Record<string, string> {
  const replace = (text: string) =>
    text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) =>
      evaluate(expression, contexts, "success").coerceString(),
    );
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, replace(value)]));
}

/** Evaluates a condition. Without a status function, it also requires success so far. */
function isTrue(text: string, contexts: object, status: Status): boolean {
  const expression = text.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, "$1");
  const asks = /\b(?:success|failure|cancelled|always)\(\)/.test(expression);
  if (!asks && status === "failure") return false;
  const result = evaluate(`!!(${expression})`, contexts, status);
  return result.coerceString() === "true";
}

function evaluate(expression: string, contexts: object, status: Status): data.ExpressionData {
  const statusFunction = (name: string, value: boolean) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  });
  const functions = [
    statusFunction("success", status === "success"),
    statusFunction("failure", status === "failure"),
    statusFunction("cancelled", false),
    statusFunction("always", true),
  ];
  const { tokens } = new Lexer(expression).lex();
  const parsed = new Parser(tokens, Object.keys(contexts), functions).parse();
  const context = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  return new Evaluator(parsed, context, new Map(functions.map((each) => [each.name, each]))).evaluate();
}

async function main([command, ...args]: readonly string[]): Promise<void> {
  if (command === "lint") console.log(JSON.stringify(await lint(args)));
  else console.log(JSON.stringify(run(JSON.parse(args[0] ?? "") as JobRequest)));
}

void main(process.argv.slice(2));
