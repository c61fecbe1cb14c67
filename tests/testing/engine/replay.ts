/** Replays a recording: runs its commands, and compares what the test engine asked, stored and printed. */
import { writeFileSync } from "node:fs";
import {
  createStack,
  type OperationSummary,
  type ProviderCall,
  type Stack,
} from "../../../src/testing/engine/index.js";
import { mapValues, text, type Json } from "../../../src/testing/engine/state/property-values.js";
import { probeFolder } from "./probe-folder.js";
import {
  leftOut,
  readRecording,
  type RecordedCall,
  type RecordedCommand,
  type RecordingKind,
} from "./recorded-commands.js";

type JsonMap = Record<string, Json>;

/** Recordings with parallel steps, which fix the order of calls only per resource. */
const parallel = new Set([
  "dynamic/27-three-in-parallel",
  "dynamic/32-deleted-with",
  "dynamic/36-target",
  "dynamic/38-swap-keys",
  "dynamic/41-import-file",
  "dynamic/44-destroy-partial",
  "native/25-read-four-ways",
  "native/29-import-file",
  "native/43-interrupt-others",
  "native/45-two-providers",
  "native/48-provider-config-unknown",
  "native/56-invoke-failure",
  "native/62-target",
  "native/78-swap-keys",
  "native/80-deleted-with",
  "native/82-three-in-parallel",
  "native/90-destroy-partial",
]);

/** Fails unless the test engine behaves as recorded. */
export async function replay(kind: RecordingKind, name: string): Promise<void> {
  const folder = probeFolder(kind);
  const observed: Observed = { calls: [], onCall: () => undefined };
  const { calls } = observed;
  const recording = readRecording(kind, name);
  const stack = await createStack({
    workDir: folder.workDir,
    reuseProcesses: true,
    stack: name.replace(/^\d+-/, ""),
    env: { PROBE_LIVE: folder.liveFile, PROBE_PROGRAM: "[]" },
    onProviderCall: (call) => {
      calls.push(call);
      observed.onCall();
    },
    ...(recording.some(({ command }) => command.includes("--parallel 1")) ? { parallel: 1 } : {}),
  });
  try {
    for (const [index, recorded] of recording.entries()) {
      calls.length = 0;
      stack.setEnv("PROBE_PROGRAM", JSON.stringify(recorded.program));
      stack.setEnv("PROBE_FLAGS", recorded.flags);
      for (const [key, value] of Object.entries(recorded.config ?? {}))
        stack.setConfig(`probe:${key}`, { value, secret: key === "token" });
      writeFileSync(folder.liveFile, JSON.stringify(recorded.live));
      const result = await runCommand(stack, recorded, observed);
      const seen = await observe(stack, recorded.command, result, calls, `${kind}/${name}`);
      expect({ command: index, ...seen }).toEqual({ command: index, ...expected(recorded, `${kind}/${name}`) });
    }
  } finally {
    await stack.close();
    folder.remove();
  }
}

/** The calls of the running command. */
interface Observed {
  readonly calls: ProviderCall[];
  onCall: () => void;
}

function isCompared({ service, rpc }: RecordedCall): boolean {
  return service === "ResourceProvider" && !(rpc in leftOut.calls);
}

/** Runs a recorded command line. */
async function runCommand(stack: Stack, recorded: RecordedCommand, observed: Observed): Promise<OperationSummary> {
  const { command } = recorded;
  const interrupts = command.split("#INT").length - 1;
  const [verb, ...words] = command.replaceAll("#INT", "").trim().split(/\s+/);
  const has = (flag: string): boolean => words.includes(flag);
  const values = (flag: string): string[] => words.filter((_, i) => words[i - 1] === flag);
  const othersCount = recorded.calls.filter(isCompared).length - 1;
  let left = interrupts;
  let isWaiting = false;
  // The probe prints that it waits. Everything else that the recording shows must have happened before.
  const interrupt = (text = ""): void => {
    isWaiting ||= text.includes("waiting");
    if (!isWaiting || observed.calls.length < othersCount) return;
    while (left > 0) {
      // The interrupt prints something too.
      left--;
      stack.cancel();
    }
  };
  observed.onCall = interrupt;
  const options = {
    expectNoChanges: has("--expect-no-changes"),
    refresh: has("--refresh"),
    target: values("--target"),
    targetReplace: values("--target-replace"),
    replace: values("--replace"),
    previewOnly: has("--preview-only"),
    runProgram: has("--run-program"),
    clearPendingCreates: has("--clear-pending-creates"),
    onOutput: interrupt,
  };
  if (has("-y") && !has("--skip-preview")) {
    const before = await (verb === "up" ? stack.preview(options) : stack.destroy({ ...options, previewOnly: true }));
    const result = await (verb === "up" ? stack.up(options) : stack.destroy(options));
    return { ...result, text: before.text + result.text };
  }
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
      return stack.import({ resources: importFile(stack, recorded) });
    case undefined:
    default:
      throw new Error(`unknown command ${command}`);
  }
}

/** What a recorded import imports: with a plugin, what exists. In recording 41, a second probe with the text of the first. */
function importFile(
  stack: Stack,
  { command, live, resources }: RecordedCommand,
): Parameters<Stack["import"]>[0]["resources"] {
  const [, type = "", name = "", id = ""] = command.split(" ");
  const protect = !command.includes("--protect=false");
  if (!command.includes("--file")) return [{ type, name, id, protect }];
  const ids = Object.keys(live);
  const closure = stack.state.find((state) => "__provider" in state.inputs)?.inputs["__provider"];
  const withProvider = (map: Json | undefined): JsonMap => ({ ...(map as JsonMap), __provider: closure as string });
  return resources
    .filter((resource) => (closure === undefined ? ids.includes(text(resource["id"])) : nameOf(resource) === "two"))
    .map((resource) => ({
      type: text(resource["type"]),
      name: nameOf(resource),
      id: text(resource["id"]),
      ...(closure === undefined
        ? { protect }
        : { inputs: withProvider(resource["inputs"]), outputs: withProvider(resource["outputs"]) }),
    }));
}

function nameOf(resource: JsonMap): string {
  return text(resource["urn"]).split("::").at(-1) ?? "";
}

interface Comparable {
  exit: number;
  calls: unknown;
  resources: unknown;
  pending: string[];
  operations: unknown;
  counts: string[];
  /** The printed lines. */
  lines: string[];
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
    counts: countsOf(command, result.text),
    lines: linesOf(command, result.text, name),
  };
}

function expected(recorded: RecordedCommand, name: string): Comparable {
  const all = recorded.calls.filter(isCompared);
  // Code generation starts one more process.
  const schema = all.findIndex(({ rpc }) => rpc === "GetSchema");
  const calls = (schema < 0 ? all : all.slice(0, schema - 2)).map(comparableRecordedCall);
  return {
    exit: recorded.exit,
    calls: arrange(calls, name),
    resources: arrangeResources(recorded.resources, name),
    pending: [...recorded.pending],
    operations: arrangeOperations(recorded.command, recorded.output, name),
    counts: countsOf(recorded.command, recorded.output),
    lines: linesOf(recorded.command, recorded.output, name),
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

const diffKinds = ["ADD", "ADD_REPLACE", "DELETE", "DELETE_REPLACE", "UPDATE", "UPDATE_REPLACE"];

/** The compared fields of a message, with uniform names. */
function fields(message: JsonMap): JsonMap {
  const result: JsonMap = {};
  for (const [key, value] of Object.entries(message)) {
    if (key in leftOut.callFields) continue;
    const name = key.replace(/(?:List|Map)$/, "").toLowerCase();
    const changes = ["DIFF_UNKNOWN", "DIFF_NONE", "DIFF_SOME"];
    result[name] = name === "changes" && typeof value === "number" ? (changes[value] ?? value) : value;
    if (name === "failures" && Array.isArray(value)) result[name] = value.map((item) => fields(item as JsonMap));
    if (name === "detaileddiff")
      result[name] = mapValues(value as JsonMap, (item) => {
        const { kind = "ADD", ...rest } = fields(item as JsonMap);
        return { ...rest, kind: typeof kind === "number" ? (diffKinds[kind] ?? kind) : kind };
      });
  }
  return result;
}

/** The calls in order. In a parallel recording, in order per resource. */
function arrange(calls: readonly ComparableCall[], name: string): unknown {
  const compared = calls.filter(({ method }) => !(method in leftOut.calls));
  if (!parallel.has(name)) return compared;
  const byUrn: Record<string, ComparableCall[]> = {};
  for (const call of compared) (byUrn[call.urn] ??= []).push(call);
  // The Pulumi engine configures a provider in the background.
  const isProvider = (urn: string): boolean => urn.includes("::pulumi:providers:");
  for (const [urn, of] of Object.entries(byUrn))
    if (isProvider(urn)) of.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
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

function countsOf(command: string, output: string): string[] {
  const [, ...after] = output.replaceAll(/<\{%[^%]*%\}>/g, "").split("Resources:\n");
  const lines = after.flatMap((text) => (text.split("\n\n")[0] ?? "").split("\n"));
  const isCompared = (line: string): boolean => !command.startsWith("import") || !line.endsWith("errored");
  return lines.filter((line) => (/^ {4}\S.*\d/.test(line) || /^ {4}\d/.test(line)) && isCompared(line));
}

/** What was printed, without empty lines. */
function linesOf(command: string, output: string, name: string): string[] {
  const [kind, recording = ""] = name.split("/");
  if (kind === "dynamic" || command.startsWith("import") || parallel.has(name) || recording in leftOut.texts) return [];
  const printed = text(scrub(output))
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .replaceAll("Preview failed: ", "")
    .replaceAll("terminatingResources:", "terminating\nResources:")
    .replaceAll(/^(?:Duration|waiting): .*$|^The resources in the stack have been deleted[^]*/gm, "");
  return printed.split("\n").filter((line) => line.trim() !== "");
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
