// A policy pack with three rules for warm pools and prebuilds. The types are named by their tokens, so that the pack needs no pulumi-ona.
import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";

const warmPool = "pulumi-nodejs:dynamic/ona:WarmPool";
const prebuild = "pulumi-nodejs:dynamic/ona:Prebuild";

const poolCap: StackValidationPolicy = {
  name: "ona-pool-cap",
  description: "The warm pools of a stack together keep no more instances than the cap allows.",
  enforcementLevel: "mandatory",
  configSchema: { properties: { most: { type: "integer", minimum: 0, default: 20 } } },
  validateStack: (args, report) => {
    const { most } = args.getConfig<{ most: number }>();
    const pools = args.resources.filter(({ type, props }) => type === warmPool && isManaged(props));
    const sizes = pools.map(({ name, props }) => ({ name, size: known(() => props.maxSize as number | undefined) }));
    const sum = sizes.reduce((total, { size = 0 }) => total + size, 0);
    if (sum <= most) return;
    // A preview does not know every size; `up` is checked again with those that the pools got.
    const each = sizes.map(({ name, size }) => `${name} ${size ?? "not known yet"}`).join(", ");
    report(`The warm pools may grow to ${sum} instances together, and the cap is ${most}: ${each}. Lower a maxSize.`);
  },
};

const protectedPools: ResourceValidationPolicy = {
  name: "ona-protected-pools",
  description: "In production every warm pool has the option protect, so that no update deletes it by mistake.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: { stacks: { type: "array", items: { type: "string" }, default: ["production", "prod"] } },
  },
  validateResource: (args, report) => {
    const { stacks } = args.getConfig<{ stacks: string[] }>();
    if (args.type !== warmPool || !stacks.includes(stackOf(args.urn)) || args.opts.protect) return;
    report(`The warm pool ${args.name} is not protected: give it the resource option { protect: true }.`);
  },
};

const prebuildTimeout: ResourceValidationPolicy = {
  name: "ona-prebuild-timeout",
  description: "A prebuild gets the time that it needs, and a stuck one ends before it costs much.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      atLeastMinutes: { type: "number", minimum: 5, default: 10 },
      atMostMinutes: { type: "number", maximum: 120, default: 60 },
    },
  },
  validateResource: (args, report) => {
    if (args.type !== prebuild) return;
    const { atLeastMinutes, atMostMinutes } = args.getConfig<{ atLeastMinutes: number; atMostMinutes: number }>();
    // Ona's default is one hour.
    const timeout = (args.props.timeout as string | undefined) ?? "1h";
    const minutes = minutesOf(timeout);
    if (minutes >= atLeastMinutes && minutes <= atMostMinutes) return;
    report(
      `The prebuild ${args.name} has the timeout ${timeout}; it must be from ${atLeastMinutes} to ${atMostMinutes} minutes.`,
    );
  },
};

new PolicyPack("ona", { policies: [poolCap, protectedPools, prebuildTimeout] });

/** False for a pool that the stack only reads (`WarmPool.get`): another stack answers for it. */
function isManaged(props: Record<string, unknown>): boolean {
  return "__managed" in props || !("createdAt" in props);
}

/** A property, or undefined where a preview does not know it: the policy SDK then throws. */
function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** `production` of `urn:pulumi:production::project::type::name`. */
function stackOf(urn: string): string {
  return urn.split("::")[0]?.split(":")[2] ?? "";
}

/** Minutes of a duration as pulumi-ona writes it: `1h30m`, `45m`, `90s`. */
function minutesOf(duration: string): number {
  const inMinutes = { h: 60, m: 1, s: 1 / 60 };
  const parts = [...duration.matchAll(/(\d+)([hms])/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * inMinutes[unit as "h" | "m" | "s"], 0);
}
