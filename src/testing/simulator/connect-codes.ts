/** The Connect codes by their names on the wire. */
import { Code, ConnectError } from "@connectrpc/connect";

/** The names of all codes, in the order of their numbers, which start at 1. */
export const codeNames = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** A Connect code as it appears on the wire. */
export type CodeName = (typeof codeNames)[number];

/** The code with that name. @internal */
export const codeOf = (name: CodeName): Code => codeNames.indexOf(name) + 1;

/** The name of that code. @internal */
export const nameOf = (code: Code): CodeName => codeNames[code - 1] ?? "unknown";

/** A Connect error. @internal */
export const refusal = (code: CodeName, message: string): ConnectError => new ConnectError(message, codeOf(code));
