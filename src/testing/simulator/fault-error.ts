// The Connect error that a fault describes, with its details and headers.
import { create } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { codeOf } from "./connect-codes.js";
import type { Strike } from "./faults.js";
import { ActionableErrorDetailsSchema } from "./gen/gitpod/v1/actionable_error_pb.js";
import { RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";

/** The error as the Connect library sends it. */
export function errorOf(fault: NonNullable<Strike["error"]>): ConnectError {
  const error = new ConnectError(fault.message ?? "fault of the simulator", codeOf(fault.code));
  if (fault.retryInfoSeconds !== undefined) {
    const seconds = Math.trunc(fault.retryInfoSeconds);
    const nanos = Math.round((fault.retryInfoSeconds - seconds) * 1e9);
    const value = create(RetryInfoSchema, { retryDelay: { seconds: BigInt(seconds), nanos } });
    error.details.push({ desc: RetryInfoSchema, value });
  }
  if (fault.actionable !== undefined) {
    const { errorCode = "", userMessage = "", actions = [] } = fault.actionable;
    const value = create(ActionableErrorDetailsSchema, {
      errorCode,
      userMessage,
      actions: actions.map(({ label, externalUrl }) => ({
        label,
        target: { case: "externalUrl" as const, value: externalUrl },
      })),
    });
    error.details.push({ desc: ActionableErrorDetailsSchema, value });
  }
  for (const { type, value } of fault.details ?? []) error.details.push({ type, value: Buffer.from(value, "base64") });
  if (fault.rateLimitRetryAfter !== undefined) {
    error.metadata.set("RateLimit-RetryAfter", String(fault.rateLimitRetryAfter));
  }
  return error;
}
