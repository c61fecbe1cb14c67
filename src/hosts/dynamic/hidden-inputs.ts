/** What the program side passes to this host in hidden inputs. */
import type { Properties } from "../../lifecycle/contract.js";
import type { Timeouts } from "../../lifecycle/timeouts.js";
import { parseGoDuration } from "../../util/duration.js";
import { omitUndefined } from "../../util/nullish.js";

/** The hidden inputs that stay in state. */
export interface HiddenInputs {
  /** The text of the provider. */
  readonly __provider?: unknown;
  /** The option `customTimeouts`. A delete finds it in state. */
  readonly __timeouts?: object;
}

/** Separates what only this host knows from the properties of the resource. */
export function split({ __provider, __timeouts: timeouts, ...shown }: Properties): {
  readonly hidden: HiddenInputs;
  readonly shown: Properties;
} {
  const __timeouts = typeof timeouts === "object" && timeouts !== null ? timeouts : undefined;
  return { hidden: omitUndefined<HiddenInputs>({ __provider, __timeouts }), shown };
}

/** What stays in state besides the outputs. The host adds the provider's text. */
export function timeoutsIn({ __timeouts }: HiddenInputs): HiddenInputs {
  return omitUndefined<HiddenInputs>({ __timeouts });
}

/** The timeout of an operation in milliseconds. Undefined if the option leaves it out. */
export function timeoutMsOf(operation: keyof Timeouts, hidden: HiddenInputs): number | undefined {
  const text = timeoutText(operation, hidden);
  return typeof text === "string" ? parseGoDuration(text) : undefined;
}

/**
 * Whether the only timeout differs that a later run takes from state: create and update get theirs from the program.
 */
export function isDeleteTimeoutChanged(olds: HiddenInputs, news: HiddenInputs): boolean {
  return timeoutText("delete", olds) !== timeoutText("delete", news);
}

function timeoutText(operation: keyof Timeouts, { __timeouts }: HiddenInputs): unknown {
  return (__timeouts as Readonly<Record<string, unknown>> | undefined)?.[operation];
}

/**
 * Explains that settings in the stack's config do not reach this process: a token or an address from elsewhere would
 * replace them. Returns undefined if they do.
 * @param names without `ona:`
 */
export function describeUndelivered(
  readConfig: (key: string) => string | undefined,
  names: readonly string[],
): string | undefined {
  const missing = names.filter((name) => readConfig(`ona:${name}`) === undefined).map((name) => `ona:${name}`);
  if (missing.length === 0) return undefined;
  return (
    `The stack's config sets ${missing.join(", ")}, but this resource has an explicit provider, which does not get the stack's config. ` +
    `Pass ${missing.length === 1 ? "it" : "them"} to the provider as properties: see docs/troubleshooting.md of pulumi-ona`
  );
}
