/** The rules for what a person declares of a prebuild. */
import {
  boolean,
  checkInputs,
  type CheckResult,
  connectionName,
  oneOf,
  type Rule,
  uuid,
} from "../lifecycle/validation.js";
import { formatDuration, parseHumanDuration } from "../util/duration.js";
import { sanitize } from "../util/text.js";
import { outputNames } from "./outputs.js";
import { inputNames } from "./inputs.js";

// Bounds: PrebuildSpec.timeout, 300 s to 7200 s in the API.
const leastTimeout = 300_000;
const mostTimeout = 7_200_000;

const ruleOf: Readonly<Record<(typeof inputNames)[number], Rule>> = {
  projectId: { required: true, judge: uuid() },
  environmentClassId: { judge: uuid() },
  timeout: { judge: runTimeout() },
  // Whatever it is: only whether it changed matters.
  triggers: { judge: (value) => ({ value }) },
  waitForCompletion: { judge: boolean() },
  logs: { judge: oneOf(["onFailure", "stream", "none"]) },
  recreateWhenExpired: { judge: boolean() },
  connection: { judge: connectionName() },
};
const rules = new Map<string, Rule>(inputNames.map((name) => [name, ruleOf[name]]));

/** The normal form of a prebuild's inputs, and what is wrong with them, property by property. */
export function checkPrebuild(news: Readonly<Record<string, unknown>>): CheckResult {
  return checkInputs(rules, outputNames, news);
}

/** How long a run may take. Its normal form is text such as `"1h30m"`, the one in which state has it. */
function runTimeout(): Rule["judge"] {
  const must = 'must be from 5 minutes to 2 hours, in whole seconds: a duration such as "45m" or "1h30m", or seconds';
  return (value) => {
    if (typeof value !== "string" && typeof value !== "number") return { refused: must };
    const milliseconds = parseHumanDuration(value);
    const said = sanitize(typeof value === "string" ? JSON.stringify(value) : String(value));
    if (milliseconds === undefined) return { refused: `${must}; ${said} is none` };
    // Amounts such as 0.1h are not exact in floating point.
    const whole = Math.round(milliseconds);
    if (fits(whole)) return { value: formatDuration(whole) };
    // Whoever gives a small number alone is likely to think of minutes.
    const minutes = Number(value) * 60_000;
    const hint = fits(minutes) ? `; did you mean ${JSON.stringify(formatDuration(minutes))}?` : "";
    return { refused: `${must}, but is ${said}${hint}` };
  };
}

/** Whether a run may take so many milliseconds. */
function fits(milliseconds: number): boolean {
  return milliseconds >= leastTimeout && milliseconds <= mostTimeout && milliseconds % 1_000 === 0;
}
