/** Validates requests by the rules that proto/ states next to each field. */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";

const validator = createValidator();

/**
 * Validates a request.
 * @throws `invalid_argument` that names every invalid field
 */
export function validate(schema: DescMessage, request: Message): void {
  const result = validator.validate(schema, request);
  if (result.kind === "valid") return;
  if (result.kind === "error") throw new ConnectError(result.error.message, Code.Internal);
  const lines = result.violations.map((violation) => violation.toString());
  const [value, desc] = violationsToProto(result.violations);
  throw new ConnectError(`validation error: ${lines.join("; ")}`, Code.InvalidArgument, undefined, [{ desc, value }]);
}
