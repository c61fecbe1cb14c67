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
  /** The configuration of the package, where it changes. */
  readonly config?: Readonly<Record<string, string>>;
  /** What the plugin says about itself. */
  readonly flags?: string;
}

/** Whether the recorded provider is a dynamic one or a plugin. */
export type RecordingKind = "dynamic" | "native";

/** One recorded call. */
export interface RecordedCall {
  readonly service: string;
  readonly rpc: string;
  readonly request?: JsonMap;
  readonly response?: JsonMap;
  readonly errors?: readonly string[];
}

const folders = { dynamic: join(__dirname, "recordings"), native: join(__dirname, "native", "recordings") };

/** The names of the recordings that the test engine can replay. */
export function recordingNames(kind: RecordingKind): string[] {
  return readdirSync(folders[kind])
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.replace(/\.jsonl$/, ""))
    .filter((name) => !(name in leftOut.recordings))
    .sort();
}

/** Reads a recording. */
export function readRecording(kind: RecordingKind, name: string): RecordedCommand[] {
  const text = readFileSync(join(folders[kind], `${name}.jsonl`), "utf8");
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
  /** Whole recordings. */
  recordings: {
    "67-plan": "the test engine has no update plans",
    "84-duplicate-name": "depends on which of two registrations reaches the engine first",
    "81-continue-on-error": "the test engine has no `--continue-on-error`",
  },
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
    "error reading from server: EOF": "a process that ended, in the words of gRPC for Go",
    "Connection dropped": "the same in the words of gRPC for Node",
  },
  /** Whole calls. */
  calls: {
    Cancel: "the Pulumi engine sends it again when it closes after an interrupt, without effect in the dynamic host",
  },
  /** Calls after an import. */
  codeGeneration: "the test engine prints no code for imported resources, so it does not ask for the schema",
  /** Recordings of a plugin whose lines are not compared. Operations and counts are, as for dynamic providers. */
  texts: {
    "40-interrupt-twice": "the test engine warns about pending operations in its own words",
    "75-plugin-exits": "the test engine reports a process that ended in its own words",
    "89-program-throws": "the text has stack traces",
    "91-state-forces-replacement": "the test engine shows all outputs if a provider names a changed output",
  },
  /** Lines of a plugin's recordings. */
  lines: {
    "Preview failed:": "the test engine reports the error without this prefix",
    "waiting:": "the probe prints it only here, so that the replay knows when to interrupt",
    "The resources in the stack have been deleted": "advice of the CLI",
    Duration: "a time",
  },
  /** Operations of one command. */
  operations: {
    import:
      "`pulumi import` prints its progress instead of a diff, and counts a failure twice. State, calls and the other " +
      "counts are compared",
  },
} as const;
