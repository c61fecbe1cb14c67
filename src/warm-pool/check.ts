/** The rules for what a person declares of a warm pool. */
import {
  boolean,
  checkInputs,
  type CheckResult,
  connectionName,
  oneOf,
  type Rule,
  uuid,
  wholeNumber,
} from "../lifecycle/validation.js";
import { outputNames } from "./outputs.js";
import { inputNames } from "./inputs.js";

// Bounds: WarmPoolSpec.min_size 0..20 and max_size 1..20 in the API.
const ruleOf: Readonly<Record<(typeof inputNames)[number], Rule>> = {
  projectId: { required: true, judge: uuid() },
  environmentClassId: { required: true, judge: uuid() },
  minSize: { judge: wholeNumber(0, 20) },
  maxSize: { judge: wholeNumber(1, 20) },
  adoptExisting: { judge: boolean() },
  waitForReady: { judge: oneOf(["ifSnapshot", true, false]) },
  connection: { judge: connectionName() },
};
const rules = new Map<string, Rule>(inputNames.map((name) => [name, ruleOf[name]]));

/** The normal form of a pool's inputs, and what is wrong with them, property by property. */
export function checkWarmPool(news: Readonly<Record<string, unknown>>): CheckResult {
  const checked = checkInputs(rules, outputNames, news);
  const { minSize, maxSize } = checked.inputs;
  const crossed =
    checked.failures.length === 0 && typeof minSize === "number" && typeof maxSize === "number" && minSize > maxSize;
  if (!crossed) return checked;
  const reason = `maxSize (${maxSize}) must not be smaller than minSize (${minSize})`;
  return { inputs: checked.inputs, failures: [{ property: "maxSize", reason }] };
}
