/** A warm pool as users see it. It doesn't import the client, so the types of a program don't reach into the client. */
import type { DetailsOf } from "../lifecycle/properties.js";
import type { WarmPoolRows } from "./properties.js";
import { warmPoolTraits } from "./traits.js";

/** What messages call it. */
export const { kind } = warmPoolTraits;

/** A warm pool as the API describes it at a moment. */
export interface WarmPoolDetails extends DetailsOf<WarmPoolRows> {
  /** The pool's id: a UUID. */
  readonly id: string;
}
