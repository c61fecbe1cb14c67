/** Reads recordings of the Pulumi engine, and lists what is not compared. */
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
 * Everything in a recording that is not compared, with the reason. Calls between program and engine are not compared
 * either, because they determine the calls to the provider and the state.
 */
export const leftOut = {
  /** Fields of calls to the provider. */
  callFields: {
    randomseed: "random, and the recording omits it too because the dynamic host does not use it",
    engineAddress: "a port that differs from run to run",
    mapperTarget:
      "address of a schema service, which the test engine does not have because the dynamic host never calls it",
    loaderTarget: "the same",
    resolverTarget: "the same",
    acceptsByteString: "not supported by the test engine, because Node programs have no byte strings",
    version: "of the installed SDK, in GetPluginInfo's answer",
  },
  /** Fields of resources in the state. */
  resourceFields: {
    created: "a time",
    modified: "a time",
    sourcePosition: "the recording omits it",
    stackTrace: "the recording omits it",
  },
  /** Values, wherever they are. */
  values: {
    ciphertext: "encrypted with a random nonce. That the value is secret and what it decrypts to is compared",
    "<uuid>": "random ids, and the marker of an unknown value, which a recording shows the same way",
    "<closure>": "the serialized text of the provider",
  },
  /** Errors with texts of a library. */
  errors: {
    "grpc: the client connection is closing": "a call that the second interrupt ended, in the words of gRPC for Go",
    "Cancelled on client": "the same in the words of gRPC for Node",
  },
  /** Whole calls. */
  calls: {
    Cancel: "the Pulumi engine sends it again when it closes after an interrupt, without effect in the dynamic host",
  },
  /** Lines of text. Only operations and counts are compared. */
  output: "the recorded text has stack traces, paths and times. Operations and counts are compared",
  /** Operations of one command. */
  operations: {
    import: "`pulumi import` prints its progress instead of a diff. State, calls and counts are compared",
  },
} as const;
