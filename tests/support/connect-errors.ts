/** Connect errors and their protobuf details, encoded by hand. */
import { type Reply, text } from "./wire-server.js";

export interface Detail {
  readonly type: string;
  readonly value: string;
  readonly debug?: unknown;
}

/** Builds a Connect error. The HTTP status defaults to that of the code. */
export function connectError(
  code: keyof typeof statusOf,
  said = "no",
  { details, headers, status }: { details?: readonly Detail[]; headers?: Record<string, string>; status?: number } = {},
): Reply {
  const body = JSON.stringify({ code, message: said, ...(details === undefined ? {} : { details }) });
  return text(status ?? statusOf[code], body, { "content-type": "application/json", ...headers });
}

/** The HTTP status of each Connect code. */
export const statusOf = {
  canceled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
} as const;

/** Builds a `google.rpc.RetryInfo`, without a delay by default. */
export function retryInfo(seconds?: number, nanoseconds?: number): Detail {
  const duration = [
    ...(seconds === undefined ? [] : [tag(1, 0), ...varint(seconds)]),
    ...(nanoseconds === undefined ? [] : [tag(2, 0), ...varint(nanoseconds)]),
  ];
  const bytes = duration.length === 0 ? [] : [tag(1, 2), duration.length, ...duration];
  return { type: "google.rpc.RetryInfo", value: base64(bytes) };
}

/** Builds a `gitpod.v1.ActionableErrorDetails` with error_code (field 1) and user_message (field 2). */
export function actionable(userMessage: string): Detail {
  const field = (number: number, value: string) => {
    const bytes = Buffer.from(value);
    return [tag(number, 2), ...varint(bytes.length), ...bytes];
  };
  return {
    type: "gitpod.v1.ActionableErrorDetails",
    value: base64([...field(1, "ERROR_CODE_X"), ...field(2, userMessage)]),
  };
}

const tag = (field: number, wireType: number) => (field << 3) | wireType;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const base64 = (bytes: readonly number[]) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
