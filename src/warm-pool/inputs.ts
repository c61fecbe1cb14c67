/** What a person declares of a warm pool, and how its sizes hang together. */
import type { Timeouts } from "../lifecycle/timeouts.js";

/** When a create or update counts as finished: see the resource's documentation. */
export type WaitForReady = boolean | "ifSnapshot";

/** The checked inputs of a warm pool. */
export interface WarmPoolInputs {
  readonly projectId: string;
  readonly environmentClassId: string;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly adoptExisting?: boolean;
  readonly waitForReady?: WaitForReady;
  /** Over which connection the pool is managed; left out, the one that the general settings are of. */
  readonly connection?: string;
  readonly __timeouts?: Timeouts;
}

/** The names of the inputs that a person writes. */
export const inputNames = [
  "projectId",
  "environmentClassId",
  "minSize",
  "maxSize",
  "adoptExisting",
  "waitForReady",
  "connection",
] as const satisfies (keyof WarmPoolInputs)[];

/** The sizes that a person can leave to others. */
export const sizeNames = ["minSize", "maxSize"] as const;

/** A size of a pool. */
export type SizeName = (typeof sizeNames)[number];

/** Sizes by name; one that is missing is not managed. */
export type Sizes = { readonly [Name in SizeName]?: number };

/** The sizes that are managed: those that were declared. */
export function managedSizes(inputs: { readonly minSize?: unknown; readonly maxSize?: unknown }): Sizes {
  return {
    ...(typeof inputs.minSize === "number" ? { minSize: inputs.minSize } : {}),
    ...(typeof inputs.maxSize === "number" ? { maxSize: inputs.maxSize } : {}),
  };
}

/** The inputs among properties that {@link import("./check.js").checkWarmPool} has passed. */
export function readInputs(properties: Readonly<Record<string, unknown>>): WarmPoolInputs {
  const { projectId, environmentClassId, adoptExisting, waitForReady, connection, __timeouts: timeouts } = properties;
  return {
    projectId: String(projectId),
    environmentClassId: String(environmentClassId),
    ...managedSizes(properties),
    ...(typeof adoptExisting === "boolean" ? { adoptExisting } : {}),
    ...(typeof waitForReady === "boolean" || waitForReady === "ifSnapshot" ? { waitForReady } : {}),
    ...(typeof connection === "string" ? { connection } : {}),
    ...(typeof timeouts === "object" && timeouts !== null ? { __timeouts: timeouts } : {}),
  };
}

/** Whether the preview of a create has to look: the pool may be taken over, and it is known which pair, over which connection. No other preview asks the API. */
export function looksAhead(inputs: Readonly<Record<string, unknown>>): boolean {
  return (
    inputs["adoptExisting"] === true &&
    typeof inputs["projectId"] === "string" &&
    typeof inputs["environmentClassId"] === "string" &&
    (inputs["connection"] === undefined || typeof inputs["connection"] === "string")
  );
}

/** The names of the sizes that are managed. */
export function managedNames(inputs: WarmPoolInputs): readonly SizeName[] {
  return sizeNames.filter((name) => inputs[name] !== undefined);
}

/** The sizes of a new pool: 1 and 2 where nothing is declared (as the vendor's Terraform provider does), adjusted so that min <= max. */
export function initialSizes({ minSize, maxSize }: Sizes): Required<Sizes> {
  return {
    minSize: minSize ?? Math.min(1, maxSize ?? 1),
    maxSize: maxSize ?? Math.max(2, minSize ?? 2),
  };
}

/**
 * What is wrong when a managed size crosses the live value of one that is not managed.
 * @returns a sentence that names both, or undefined
 */
export function crossedSizes(managed: Sizes, live: Sizes): string | undefined {
  if (
    managed.minSize !== undefined &&
    managed.maxSize === undefined &&
    live.maxSize !== undefined &&
    managed.minSize > live.maxSize
  ) {
    return (
      `minSize (${managed.minSize}) is greater than the pool's maxSize (${live.maxSize}), which this program does not manage: ` +
      "declare maxSize too, or lower minSize"
    );
  }
  if (
    managed.maxSize !== undefined &&
    managed.minSize === undefined &&
    live.minSize !== undefined &&
    managed.maxSize < live.minSize
  ) {
    return (
      `maxSize (${managed.maxSize}) is smaller than the pool's minSize (${live.minSize}), which this program does not manage: ` +
      "declare minSize too, or raise maxSize"
    );
  }
  return undefined;
}
