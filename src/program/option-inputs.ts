/**
 * Passes options to the provider as inputs, because the dynamic host doesn't deliver the engine's: `customTimeouts`,
 * and for adoptions `ignoreChanges`.
 */
import * as pulumi from "@pulumi/pulumi";
import { timeoutOperations, type Timeouts } from "../lifecycle/timeouts.js";
import { parseGoDuration } from "../util/duration.js";
import { hasMocks } from "./mocks.js";
import { followTransforms, transformLast, urnOf } from "./transforms.js";

/**
 * Adds to a resource's options what sets these inputs, whether the program, a transformation, or a transform sets the
 * options. Registering the resource throws a pulumi.RunError for a bad timeout.
 */
export function passOptions(options: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return transformLast(options, ({ name, props, opts }) => {
    const fitting = fit(props, timeoutsOf(name, opts.customTimeouts), ignoredOf(props, opts));
    if (hasMocks()) return { props: fitting, opts };
    const { transforms = [], parent } = opts;
    followTransforms(parent, fitInputs);
    const following = transforms.length === 0 ? {} : { transforms: [...transforms, fitInputs] };
    return { props: fitting, opts: { ...opts, ...following } };
  });
}

/** The timeouts that components pass on to children, and what transforms make of their own. By the end of the URN. */
const components = new Map<string, { readonly passed: Timeouts | undefined; final: Timeouts | undefined }>();

/**
 * Adds to a component's options what finds its `customTimeouts`. A component is not told what transforms set, so its
 * children get that later.
 * @param pass takes the timeouts for the children, before the constructor of the base class returns
 */
export function passToChildren(
  type: string,
  options: pulumi.ComponentResourceOptions,
  pass: (customTimeouts: pulumi.CustomTimeouts | undefined) => void,
): pulumi.ComponentResourceOptions {
  return transformLast(options, ({ name, opts }) => {
    pass(opts.customTimeouts);
    if (hasMocks()) return undefined;
    const passed = timeoutsOf(name, opts.customTimeouts);
    components.set(`${type}::${name}`, { passed, final: passed });
    followTransforms(opts.parent, fitInputs);
    return undefined;
  });
}

/** Makes the inputs fit what earlier transforms made of the options. */
const fitInputs: pulumi.ResourceTransform = async ({ custom, type, name, props, opts }) => {
  const component = components.get(`${type}::${name}`);
  if (component !== undefined) component.final = timeoutsOf(name, opts.customTimeouts);
  // Only managed resources of this package have this.
  if (
    !custom ||
    !("__urn" in props || "__preview" in props) ||
    !String(props["__provider"]).includes("pulumi-ona/provider")
  )
    return undefined;
  const timeouts = await withComponent(timeoutsOf(name, opts.customTimeouts), opts.parent);
  const ignored = ignoredOf(props, opts);
  const isSame = changedOperations(props["__timeouts"] as Timeouts | undefined, timeouts).length === 0;
  if (isSame && JSON.stringify(props["__ignoreChanges"]) === JSON.stringify(ignored)) return undefined;
  return { props: fit(props, timeouts, ignored), opts: { ...opts, customTimeouts: timeouts ?? {} } };
};

/** Adds the timeouts that a transform set on the component only, for operations that have those of the component. */
async function withComponent(
  timeouts: Timeouts | undefined,
  parent: pulumi.Resource | undefined,
): Promise<Timeouts | undefined> {
  const urn = components.size === 0 ? "" : await urnOf(parent);
  const [, { passed, final } = {}] = [...components].find(([end]) => urn.endsWith(end)) ?? [];
  const own = changedOperations(passed, timeouts);
  const late = changedOperations(passed, final).filter((operation) => !own.includes(operation));
  return late.length === 0
    ? timeouts
    : { ...timeouts, ...Object.fromEntries(late.map((each) => [each, final?.[each]])) };
}

function changedOperations(before: Timeouts | undefined, after: Timeouts | undefined): (keyof Timeouts)[] {
  return timeoutOperations.filter((each) => durationOf(before?.[each]) !== durationOf(after?.[each]));
}

/** The option if the resource may adopt an object: the engine doesn't apply it to a create. Check removes it again. */
function ignoredOf(inputs: pulumi.Inputs, { ignoreChanges = [] }: pulumi.ResourceOptions): string[] | undefined {
  return inputs["adoptExisting"] && ignoreChanges.length > 0 ? ignoreChanges : undefined;
}

function fit(inputs: pulumi.Inputs, timeouts: Timeouts | undefined, ignored: string[] | undefined): pulumi.Inputs {
  const { __timeouts: _, __ignoreChanges: __, ...others } = inputs;
  return {
    ...others,
    ...(timeouts === undefined ? {} : { __timeouts: timeouts }),
    ...(ignored === undefined ? {} : { __ignoreChanges: ignored }),
  };
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
