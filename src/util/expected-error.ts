/** An error that users can act on: they need its message and no stack. */
export class ExpectedError extends Error {}
