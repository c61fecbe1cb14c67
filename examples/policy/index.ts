// A policy pack with three rules for warm pools and prebuilds. It identifies resources by type token, so it does not
// need pulumi-ona as a dependency.
import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";

// The types of the TypeScript classes, and those of the native provider.
const isWarmPool = (type: string) => /^(pulumi-nodejs:dynamic\/ona|ona:index):WarmPool$/.test(type);
const isPrebuild = (type: string) => /^(pulumi-nodejs:dynamic\/ona|ona:index):Prebuild$/.test(type);

const poolCap: StackValidationPolicy = {
  name: "ona-pool-cap",
  description: "Caps the total number of instances in the warm pools of a stack.",
  enforcementLevel: "mandatory",
  configSchema: { properties: { most: { type: "integer", minimum: 0, default: 20 } } },
  validateStack: (args, report) => {
    const { most } = args.getConfig<{ most: number }>();
    const pools = args.resources.filter(({ type, props }) => isWarmPool(type) && isManaged(props));
    const sizes = pools.map(({ name, props }) => ({ name, size: known(() => props.maxSize as number | undefined) }));
    const sum = sizes.reduce((total, { size = 0 }) => total + size, 0);
    if (sum <= most) return;
    // A preview does not know every size. `up` checks again with the sizes that the pools have then.
    sizes.sort((a, b) => (b.size ?? 0) - (a.size ?? 0) || a.name.localeCompare(b.name));
    const each = sizes.map(({ name, size }) => `${name} ${size ?? "unknown"}`).join(", ");
    report(`The warm pools can grow to ${sum} instances in total, but the cap is ${most} (${each}). Lower a maxSize.`);
  },
};

const protectedPools: ResourceValidationPolicy = {
  name: "ona-protected-pools",
  description: "Requires the resource option protect on warm pools in production, so no update deletes one by mistake.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: { stacks: { type: "array", items: { type: "string" }, default: ["production", "prod"] } },
  },
  validateResource: (args, report) => {
    const { stacks } = args.getConfig<{ stacks: string[] }>();
    if (!isWarmPool(args.type) || !stacks.includes(stackOf(args.urn)) || args.opts.protect) return;
    report(`Warm pool ${args.name} is not protected. Add the resource option { protect: true }.`);
  },
};

const prebuildTimeout: ResourceValidationPolicy = {
  name: "ona-prebuild-timeout",
  description: "Requires a prebuild timeout that is long enough to finish and short enough to stop a stuck run early.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      atLeastMinutes: { type: "number", minimum: 5, default: 10 },
      atMostMinutes: { type: "number", maximum: 120, default: 60 },
    },
  },
  validateResource: (args, report) => {
    if (!isPrebuild(args.type)) return;
    const { atLeastMinutes, atMostMinutes } = args.getConfig<{ atLeastMinutes: number; atMostMinutes: number }>();
    // Ona's default is one hour.
    const timeout = (args.props.timeout as string | undefined) ?? "1h";
    const minutes = minutesOf(timeout);
    if (minutes >= atLeastMinutes && minutes <= atMostMinutes) return;
    report(
      `Prebuild ${args.name} has a timeout of ${timeout}. Set it to between ${atLeastMinutes} and ${atMostMinutes} minutes.`,
    );
  },
};

new PolicyPack("ona", { policies: [poolCap, protectedPools, prebuildTimeout] });

/** False for a read-only pool (`WarmPool.get`), which another stack manages. */
function isManaged(props: Record<string, unknown>): boolean {
  return "__managed" in props || !("createdAt" in props);
}

/** Reads a property. The policy SDK throws if a preview does not know it; then this returns undefined. */
function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Returns `production` for `urn:pulumi:production::project::type::name`. */
function stackOf(urn: string): string {
  return urn.split("::")[0]?.split(":")[2] ?? "";
}

/** Converts a duration in pulumi-ona's normalized form, such as `1h30m`, `45m`, or `90s`, to minutes. */
function minutesOf(duration: string): number {
  const inMinutes = { h: 60, m: 1, s: 1 / 60 };
  const parts = [...duration.matchAll(/(\d+)([hms])/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * inMinutes[unit as "h" | "m" | "s"], 0);
}
