// The rules that requests must keep, as proto/ states them beside each field, and the API's answer when one is broken.
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";

const validator = createValidator();

/** Refuses a request that breaks a rule, naming every field that does. */
export function validate(schema: DescMessage, request: Message): void {
  const result = validator.validate(schema, request);
  if (result.kind === "valid") return;
  if (result.kind === "error") throw new ConnectError(result.error.message, Code.Internal);
  const lines = result.violations.map((violation) => violation.toString());
  const [value, desc] = violationsToProto(result.violations);
  throw new ConnectError(`validation error: ${lines.join("; ")}`, Code.InvalidArgument, undefined, [{ desc, value }]);
}
