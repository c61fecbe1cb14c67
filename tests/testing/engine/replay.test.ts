import { writeFileSync } from "node:fs";
import {
  createStack,
  type OperationSummary,
  type ProviderCall,
  type Stack,
} from "../../../src/testing/engine/index.js";
import { text, type Json } from "../../../src/testing/engine/state/property-values.js";
import { probeFolder } from "./probe-folder.js";
import {
  leftOut,
  readRecording,
  recordingNames,
  type RecordedCall,
  type RecordedCommand,
} from "./recorded-commands.js";

type JsonMap = Record<string, Json>;

/** Recordings with parallel steps, which fix the order of calls only per resource. */
const parallel = new Set([
  "27-three-in-parallel",
  "32-deleted-with",
  "36-target",
  "38-swap-keys",
  "41-import-file",
  "44-destroy-partial",
]);

// Several recordings run at the same time on a busy machine.
jest.setTimeout(300_000);

describe("the test engine behaves like the recorded Pulumi engine", () => {
  test.concurrent.each(recordingNames)("%s", async (name) => {
    const folder = probeFolder();
    const environment: Record<string, string> = { PROBE_LIVE: folder.liveFile, PROBE_PROGRAM: "[]" };
    const calls: ProviderCall[] = [];
    const stack = await createStack({
      workDir: folder.workDir,
      reuseProcesses: true,
      stack: name.replace(/^\d+-/, ""),
      env: environment,
      onProviderCall: (call) => calls.push(call),
    });
    try {
      for (const [index, recorded] of readRecording(name).entries()) {
        calls.length = 0;
        stack.setEnv("PROBE_PROGRAM", JSON.stringify(recorded.program));
        writeFileSync(folder.liveFile, JSON.stringify(recorded.live));
        const result = await runCommand(stack, recorded);
        const seen = await observe(stack, recorded.command, result, calls, name);
        expect({ command: index, ...seen }).toEqual({ command: index, ...expected(recorded, name) });
      }
    } finally {
      await stack.close();
      folder.remove();
    }
  });
});

/** Runs a recorded command line. */
async function runCommand(stack: Stack, { command, resources }: RecordedCommand): Promise<OperationSummary> {
  const interrupts = command.split("#INT").length - 1;
  const [verb, ...words] = command.replaceAll("#INT", "").trim().split(/\s+/);
  const has = (flag: string): boolean => words.includes(flag);
  const values = (flag: string): string[] => words.filter((_, i) => words[i - 1] === flag);
  let left = interrupts;
  const options = {
    expectNoChanges: has("--expect-no-changes"),
    refresh: has("--refresh"),
    target: values("--target"),
    targetReplace: values("--target-replace"),
    replace: values("--replace"),
    previewOnly: has("--preview-only"),
    runProgram: has("--run-program"),
    clearPendingCreates: has("--clear-pending-creates"),
    // The probe prints this while its Create is running.
    onOutput: (text: string) => {
      if (!text.includes("waiting for")) return;
      for (; left > 0; left--) stack.cancel();
    },
  };
  switch (verb) {
    case "preview":
      return stack.preview(options);
    case "up":
      return stack.up(options);
    case "refresh":
      return stack.refresh(options);
    case "destroy":
      return stack.destroy(options);
    case "import":
      return stack.import({ resources: importFile(stack, resources) });
    case undefined:
    default:
      throw new Error(`unknown command ${command}`);
  }
}

/** The import file of recording 41: an existing second probe, with the provider text of the first. */
function importFile(stack: Stack, resources: readonly JsonMap[]): Parameters<Stack["import"]>[0]["resources"] {
  const closure = stack.state.find((state) => "__provider" in state.inputs)?.inputs["__provider"] as string;
  const withProvider = (map: Json | undefined): JsonMap => ({ ...(map as JsonMap), __provider: closure });
  const imported = resources.filter((resource) => text(resource["urn"]).endsWith("::two"));
  return imported.map((resource) => ({
    type: text(resource["type"]),
    name: "two",
    id: text(resource["id"]),
    inputs: withProvider(resource["inputs"]),
    outputs: withProvider(resource["outputs"]),
  }));
}

interface Comparable {
  exit: number;
  calls: unknown;
  resources: unknown;
  pending: string[];
  operations: unknown;
  counts: string[];
}

async function observe(
  stack: Stack,
  command: string,
  result: OperationSummary,
  calls: readonly ProviderCall[],
  name: string,
): Promise<Comparable> {
  const { deployment } = await stack.exportDeployment();
  const pending = (deployment["pending_operations"] ?? []) as { type: string }[];
  const inOrder = [...calls].sort((a, b) => a.order - b.order);
  return {
    exit: result.exitCode,
    calls: arrange(
      inOrder.map(({ method, request, response, error }) => comparableCall(method, request, response, error)),
      name,
    ),
    resources: arrangeResources((deployment["resources"] ?? []) as JsonMap[], name),
    pending: pending.map(({ type }) => type),
    operations: arrangeOperations(command, result.text, name),
    counts: countsOf(result.text),
  };
}

function expected(recorded: RecordedCommand, name: string): Comparable {
  const calls = recorded.calls.filter((call) => call.service === "ResourceProvider").map(comparableRecordedCall);
  return {
    exit: recorded.exit,
    calls: arrange(calls, name),
    resources: arrangeResources(recorded.resources, name),
    pending: [...recorded.pending],
    operations: arrangeOperations(recorded.command, recorded.output, name),
    counts: countsOf(recorded.output),
  };
}

interface ComparableCall {
  method: string;
  urn: string;
  request: JsonMap;
  response: Json;
}

function comparableRecordedCall({ rpc, request, response, errors }: RecordedCall): ComparableCall {
  const [error] = errors ?? [];
  return comparableCall(rpc, request ?? {}, response, error?.replace(/^rpc error: code = \w+ desc = /, ""));
}

function comparableCall(
  method: string,
  request: JsonMap,
  response: JsonMap | undefined,
  error: string | undefined,
): ComparableCall {
  const scrubbed = scrub(fields(request)) as JsonMap;
  const urn = typeof scrubbed["urn"] === "string" ? scrubbed["urn"] : "";
  const answer = error === undefined ? scrub(fields(response ?? {})) : { error: errorText(error) };
  return { method, urn, request: scrubbed, response: answer };
}

function errorText(error: string): string {
  const text = error.replace(/^\d+ [A-Z]+: /, "");
  return text in leftOut.errors ? "<cut off>" : text;
}

/** The compared fields of a message, with uniform names. */
function fields(message: JsonMap): JsonMap {
  const result: JsonMap = {};
  for (const [key, value] of Object.entries(message)) {
    if (key in leftOut.callFields) continue;
    const name = key.replace(/List$/, "").toLowerCase();
    const changes = ["DIFF_UNKNOWN", "DIFF_NONE", "DIFF_SOME"];
    result[name] = name === "changes" && typeof value === "number" ? (changes[value] ?? value) : value;
    if (name === "failures" && Array.isArray(value)) result[name] = value.map((item) => fields(item as JsonMap));
  }
  return result;
}

/** The calls in order. In a parallel recording, in order per resource. */
function arrange(calls: readonly ComparableCall[], name: string): unknown {
  const compared = calls.filter(({ method }) => !(method in leftOut.calls));
  if (!parallel.has(name)) return compared;
  const byUrn: Record<string, ComparableCall[]> = {};
  for (const call of compared) (byUrn[call.urn] ??= []).push(call);
  return byUrn;
}

function arrangeResources(resources: readonly JsonMap[], name: string): unknown {
  const compared = resources.map((resource) =>
    Object.fromEntries(Object.entries(scrub(resource) as JsonMap).filter(([key]) => !(key in leftOut.resourceFields))),
  );
  return parallel.has(name) ? compared.sort((a, b) => (text(a["urn"]) < text(b["urn"]) ? -1 : 1)) : compared;
}

/** The operation per resource, in the order of the text. */
function arrangeOperations(command: string, output: string, name: string): string[] {
  if ((command.split(" ")[0] ?? "") in leftOut.operations) return [];
  const operations = [
    ...output.matchAll(/: \(([a-z-]+)(?:\[retain\])?\)[^\n]*\n(?:\s*\[id=[^\n]*\n)?\s*\[urn=([^\]\n]*)\]/g),
  ];
  const found = operations.map(([, op, urn]) => `${op} ${urn}`);
  return parallel.has(name) ? found.sort() : found;
}

function countsOf(output: string): string[] {
  const [, after = ""] = output.replaceAll(/<\{%[^%]*%\}>/g, "").split("Resources:\n");
  return after.split("\n").filter((line) => /^ {4}\S.*\d/.test(line) || /^ {4}\d/.test(line));
}

/** A value without the parts that differ between runs. */
function scrub(value: Json, key = ""): Json {
  if (key === "__provider") return "<closure>";
  if (key === "ciphertext") return "<ciphertext>";
  if (typeof value === "string") {
    return value
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
      .replaceAll("<unknown>", "<uuid>");
  }
  if (Array.isArray(value)) return value.map((item) => scrub(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, scrub(item, name)]));
}
