/** The inputs of a prebuild. */
import type { Properties } from "../lifecycle/contract.js";
import { readInputs as readInputsOf } from "../lifecycle/inputs.js";
import type { InputsOf, ManagedNameOf } from "../lifecycle/properties.js";
import { prebuildProperties, type PrebuildRows } from "./properties.js";

/** The checked inputs of a prebuild. `timeout` is in its normal form, such as `"1h30m"`. */
export type PrebuildInputs = InputsOf<PrebuildRows>;

/** An input that the program may leave to the API. */
export type OptionalName = ManagedNameOf<PrebuildRows>;

/**
 * Picks the inputs from properties that the check has passed.
 * @throws ResourceFailure when a required input is missing
 */
export function readInputs(properties: Properties): PrebuildInputs {
  return readInputsOf(prebuildProperties, properties);
}
