/** Recordings of the real engine as data, and what of them is compared. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../../src/testing/engine/state/property-values.js";
import type { ProbeSpec } from "./probe-folder.js";

type JsonMap = Record<string, Json>;

/** One recorded command. */
export interface RecordedCommand {
  readonly command: string;
  readonly program: readonly ProbeSpec[];
  readonly live: JsonMap;
  readonly exit: number;
  readonly calls: readonly RecordedCall[];
  readonly resources: readonly JsonMap[];
  readonly pending: readonly string[];
  readonly output: string;
}

/** One recorded call. */
export interface RecordedCall {
  readonly service: string;
  readonly rpc: string;
  readonly request?: JsonMap;
  readonly response?: JsonMap;
  readonly errors?: readonly string[];
}

const folder = join(__dirname, "recordings");

/** The names of all recordings. */
export const recordingNames = readdirSync(folder)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => name.replace(/\.jsonl$/, ""))
  .sort();

/** Reads a recording. */
export function readRecording(name: string): RecordedCommand[] {
  const text = readFileSync(join(folder, `${name}.jsonl`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedCommand);
}

/**
 * Everything of a recording that is not compared, with the reason. Calls between program and engine are not in the
 * comparison as such: what matters of them shows in what the provider is asked and in the state.
 */
export const leftOut = {
  /** Fields of calls to the provider. */
  callFields: {
    randomseed: "random; the dynamic host does not use it (the recording left it out, too)",
    engineAddress: "a port that differs from run to run",
    mapperTarget: "address of a schema service that the dynamic host never calls; this engine has none",
    loaderTarget: "the same",
    resolverTarget: "the same",
    acceptsByteString: "byte strings cannot come from a Node program; this engine does not announce them",
    version: "of the installed SDK, in GetPluginInfo's answer",
  },
  /** Fields of resources in the state. */
  resourceFields: {
    created: "a time",
    modified: "a time",
    sourcePosition: "the recording left it out",
    stackTrace: "the recording left it out",
  },
  /** Values, wherever they are. */
  values: {
    ciphertext: "encrypted with a random nonce; that the value is secret is compared, and what it decrypts to",
    "<uuid>": "random ids; the marker of an unknown value looks the same in a recording",
    "<closure>": "the provider's serialised text",
  },
  /** Texts of errors that a library words, not the engine. */
  errors: {
    "grpc: the client connection is closing":
      "of a call that the second interrupt cut off, in the words of gRPC for Go",
    "Cancelled on client": "the same in the words of gRPC for Node",
  },
  /** Whole calls. */
  calls: {
    Cancel: "sent once more by the real engine when it closes after an interrupt; has no effect in the dynamic host",
  },
  /** Lines of text: only operations and counts are compared. */
  output: "the recorded text has stack traces, paths and times; each resource's operation and the counts are compared",
  /** Operations of one command. */
  operations: {
    import: "`pulumi import` prints its progress instead of a diff; state, calls and counts are compared",
  },
} as const;
