/** The Connect codes by their names on the wire. */
import { Code, ConnectError } from "@connectrpc/connect";

const codes = {
  canceled: Code.Canceled,
  unknown: Code.Unknown,
  invalid_argument: Code.InvalidArgument,
  deadline_exceeded: Code.DeadlineExceeded,
  not_found: Code.NotFound,
  already_exists: Code.AlreadyExists,
  permission_denied: Code.PermissionDenied,
  resource_exhausted: Code.ResourceExhausted,
  failed_precondition: Code.FailedPrecondition,
  aborted: Code.Aborted,
  out_of_range: Code.OutOfRange,
  unimplemented: Code.Unimplemented,
  internal: Code.Internal,
  unavailable: Code.Unavailable,
  data_loss: Code.DataLoss,
  unauthenticated: Code.Unauthenticated,
} as const;

/** A Connect code as it appears on the wire. */
export type CodeName = keyof typeof codes;

/** The names of all codes. */
export const codeNames: readonly CodeName[] = Object.keys(codes).filter((name): name is CodeName => name in codes);

/** The code with that name. */
export const codeOf = (name: CodeName): Code => codes[name];

/** The name of that code. */
export const nameOf = (code: Code): CodeName => codeNames.find((name) => codes[name] === code) ?? "unknown";

/** A Connect error. */
export const refusal = (code: CodeName, message: string): ConnectError => new ConnectError(message, codes[code]);
