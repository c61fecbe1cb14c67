/**
 * Passes options to the provider as inputs, because the dynamic host doesn't deliver the engine's: `customTimeouts`,
 * and for adoptions `ignoreChanges`.
 */
import * as pulumi from "@pulumi/pulumi";
import { timeoutOperations, type Timeouts } from "../lifecycle/timeouts.js";
import { parseGoDuration } from "../util/duration.js";
import { hasMocks } from "./mocks.js";
import { followTransforms, transformLast } from "./transforms.js";

/**
 * Adds to a resource's options what sets these inputs, whether the program, a transformation, or a transform sets the
 * options. Registering the resource throws a pulumi.RunError for a bad timeout.
 */
export function passOptions(options: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return transformLast(options, ({ name, props: declared, opts }) => {
    const timeouts = timeoutsOf(name, opts.customTimeouts);
    const props = setIgnored(declared, ignoredOf(declared, opts));
    if (hasMocks()) return { props: setTimeouts(props, timeouts), opts };
    const { transforms = [], parent } = opts;
    followTransforms(parent, fitInputs);
    const following = transforms.length === 0 ? {} : { transforms: [...transforms, fitInputs] };
    return { props: setTimeouts(props, timeouts), opts: { ...opts, ...following } };
  });
}

/** Makes the inputs fit what earlier transforms made of the options. */
const fitInputs: pulumi.ResourceTransform = ({ custom, name, props, opts }) => {
  // Only managed resources of this package have both.
  if (!custom || !("__label" in props) || !String(props["__provider"]).includes("pulumi-ona/provider"))
    return undefined;
  const timeouts = timeoutsOf(name, opts.customTimeouts);
  const given = props["__timeouts"] as Timeouts | undefined;
  const isSame = timeoutOperations.every(
    (operation) => durationOf(given?.[operation]) === durationOf(timeouts?.[operation]),
  );
  const ignored = ignoredOf(props, opts);
  if (isSame && JSON.stringify(props["__ignoreChanges"]) === JSON.stringify(ignored)) return undefined;
  return { props: setIgnored(setTimeouts(props, timeouts), ignored), opts };
};

/** The option if the resource may adopt an object: the engine doesn't apply it to a create. Check removes it again. */
function ignoredOf(inputs: pulumi.Inputs, { ignoreChanges = [] }: pulumi.ResourceOptions): string[] | undefined {
  return inputs["adoptExisting"] && ignoreChanges.length > 0 ? ignoreChanges : undefined;
}

function setIgnored(inputs: pulumi.Inputs, ignored: string[] | undefined): pulumi.Inputs {
  const { __ignoreChanges: _, ...others } = inputs;
  return ignored === undefined ? others : { ...others, __ignoreChanges: ignored };
}

function setTimeouts(inputs: pulumi.Inputs, timeouts: Timeouts | undefined): pulumi.Inputs {
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
