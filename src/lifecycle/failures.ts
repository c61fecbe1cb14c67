/** Failures of a resource's lifecycle that are not API errors. */
import { ExpectedError } from "../util/expected-error.js";
import { describeThrown } from "../util/text.js";

/** A failure that the user can act on. Only its message is shown. */
export class ResourceFailure extends ExpectedError {
  override readonly name: string = "ResourceFailure";
}

/** There already is an object where there can be only one. */
export class ObjectExists extends ResourceFailure {
  override readonly name = "ObjectExists";
}

/** The object exists but is not in the requested state. Its id and state are kept, and the next `up` continues. */
export class PartialFailure extends ResourceFailure {
  override readonly name = "PartialFailure";
  constructor(
    readonly id: string,
    readonly state: object,
    reason: string,
  ) {
    super(reason);
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return describeThrown(error) || "an unknown error";
}
