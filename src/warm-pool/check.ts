/** The rules for the inputs of a warm pool. */
import type { Properties } from "../lifecycle/contract.js";
import { checkInputs, type CheckResult } from "../lifecycle/validation.js";
import { warmPoolProperties } from "./properties.js";

/** Validates the inputs of a pool, property by property, and brings them into their normal form. */
export function checkWarmPool(news: Properties): CheckResult {
  const checked = checkInputs(warmPoolProperties, news);
  const { minSize, maxSize } = checked.inputs;
  const crossed =
    checked.failures.length === 0 && typeof minSize === "number" && typeof maxSize === "number" && minSize > maxSize;
  if (!crossed) return checked;
  const reason = `maxSize (${maxSize}) must not be smaller than minSize (${minSize})`;
  return { inputs: checked.inputs, failures: [{ property: "maxSize", reason }] };
}
