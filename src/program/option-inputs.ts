/** Passes `customTimeouts` to the provider as an input, because the dynamic host doesn't deliver the engine's. */
import * as pulumi from "@pulumi/pulumi";
import { timeoutOperations, type Timeouts } from "../lifecycle/timeouts.js";
import { parseGoDuration } from "../util/duration.js";
import { hasMocks } from "./mocks.js";
import { followTransforms, transformLast } from "./transforms.js";

/**
 * Adds to a resource's options what sets its input `__timeouts`, whether the program, a transformation, or a transform
 * sets `customTimeouts`. Registering the resource throws a pulumi.RunError for a bad timeout.
 */
export function passTimeouts(options: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return transformLast(options, ({ name, props, opts }) => {
    const timeouts = timeoutsOf(name, opts.customTimeouts);
    if (hasMocks()) return { props: setTimeouts(props, timeouts), opts };
    const { transforms = [], parent } = opts;
    const followed = followTransforms(parent, fitTimeouts).then(() => timeouts);
    const following = transforms.length === 0 ? {} : { transforms: [...transforms, fitTimeouts] };
    return { props: setTimeouts(props, followed), opts: { ...opts, ...following } };
  });
}

/** Makes the input fit what earlier transforms made of the option. */
const fitTimeouts: pulumi.ResourceTransform = ({ custom, name, props, opts }) => {
  // Only managed resources of this package have both.
  if (!custom || !("__label" in props) || !String(props["__provider"]).includes("pulumi-ona/provider"))
    return undefined;
  const timeouts = timeoutsOf(name, opts.customTimeouts);
  const given = props["__timeouts"] as Timeouts | undefined;
  const isSame = timeoutOperations.every(
    (operation) => durationOf(given?.[operation]) === durationOf(timeouts?.[operation]),
  );
  return isSame ? undefined : { props: setTimeouts(props, timeouts), opts };
};

function setTimeouts(inputs: pulumi.Inputs, timeouts: pulumi.Input<Timeouts | undefined>): pulumi.Inputs {
  const { __timeouts: _, ...others } = inputs;
  return timeouts === undefined ? others : { ...others, __timeouts: timeouts };
}

/** Reads the option. The engine gives transforms an empty string for an operation without a timeout. */
function timeoutsOf(name: string, customTimeouts: pulumi.CustomTimeouts | undefined): Timeouts | undefined {
  const set = timeoutOperations.flatMap((operation) => {
    const value = customTimeouts?.[operation];
    if (value === undefined || value === "") return [];
    if ((durationOf(value) ?? 0) > 0) return [[operation, value]];
    throw new pulumi.RunError(
      `${name}: customTimeouts.${operation} must be a positive duration such as "90s" or "1h30m", got ${JSON.stringify(value)}`,
    );
  });
  return set.length === 0 ? undefined : (Object.fromEntries(set) as Timeouts);
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseGoDuration(text);
}
