/** Failures of a resource's life that are not errors of the API. */

import { ExpectedError } from "../util/expected-error.js";

/** A failure that a person can act on; its message is all that needs to be shown. */
export class ResourceFailure extends ExpectedError {
  override readonly name: string = "ResourceFailure";
}

/** The object exists but is not what was asked for: its id and state must be kept, and the next `up` goes on from there. */
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

/** The words of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
