/** Random, shrinkable scenarios: programs, faults, disturbances, and events outside the stack. */
import * as fc from "fast-check";
import type { Fault } from "../../src/testing/simulator/index.js";
import { plausible, type Unknowns } from "../../src/testing/simulator/unknowns.js";
import { type Host, hosts } from "../support/hosts.js";
import { codesAfter, codesBefore, pageStatuses } from "./fault-codes.js";

const nameCount = 12;
/** Pairs of a project and an environment class. */
const pairCount = 12;

const writes = [
  "CreateWarmPool",
  "UpdateWarmPool",
  "DeleteWarmPool",
  "CreatePrebuild",
  "CancelPrebuild",
  "DeletePrebuild",
] as const;

/** Sizes of a pool. A missing size is unmanaged. */
export interface Sizes {
  readonly minSize?: number | undefined;
  readonly maxSize?: number | undefined;
}

/** One change of the program. `at` selects a declared resource. */
export type Edit =
  | {
      readonly edit: "add";
      readonly name: number;
      readonly pair: number;
      readonly sizes: Sizes;
      readonly adoptExisting: boolean;
      readonly waitForReady: boolean | "ifSnapshot" | undefined;
    }
  | {
      readonly edit: "addPrebuild";
      readonly name: number;
      readonly pair: number;
      readonly withClass: boolean;
      readonly trigger: number;
      readonly waitForCompletion: boolean | undefined;
      readonly logs: "onFailure" | "stream" | "none" | undefined;
    }
  | { readonly edit: "trigger"; readonly at: number; readonly trigger: number }
  | { readonly edit: "remove"; readonly at: number }
  | { readonly edit: "resize"; readonly at: number; readonly sizes: Sizes }
  | { readonly edit: "move"; readonly at: number; readonly pair: number }
  | { readonly edit: "swap"; readonly at: number; readonly other: number }
  | { readonly edit: "rename"; readonly at: number; readonly name: number; readonly alias: boolean }
  | { readonly edit: "adopt"; readonly at: number; readonly on: boolean }
  | { readonly edit: "wait"; readonly at: number; readonly mode: boolean | "ifSnapshot" }
  | { readonly edit: "createFirst"; readonly at: number; readonly on: boolean }
  | { readonly edit: "replaceOnChanges"; readonly at: number; readonly on: boolean };

/** What someone else, or the server, does. `at` selects an existing pool or prebuild. */
export type Event =
  | { readonly event: "create"; readonly pair: number; readonly sizes: Sizes }
  /** A pool just like a declared one, a few seconds before the program would create it. `at` selects the declared resource. */
  | { readonly event: "createLike"; readonly at: number }
  | { readonly event: "resize"; readonly at: number; readonly minSize: number; readonly maxSize: number }
  | { readonly event: "degrade" | "recover" | "rotate" | "drain" | "remove"; readonly at: number }
  | { readonly event: "createPrebuild" | "disable" | "enable"; readonly pair: number }
  | {
      readonly event: "failPrebuild" | "cancelPrebuild" | "drainPrebuild" | "removePrebuild" | "expire";
      readonly at: number;
    }
  | { readonly event: "advance"; readonly milliseconds: number };

/** What disturbs a running operation. */
export type Disturbance =
  | { readonly kind: "none" }
  /** When the n-th request is sent. */
  | { readonly kind: "interrupt" | "killProvider" | "killAll"; readonly atRequest: number }
  /** At the n-th call of an RPC: before it takes effect, or after that and before its response. */
  | {
      readonly kind: "killProvider" | "killAll";
      readonly rpc: (typeof writes)[number];
      readonly nth: number;
      readonly when: "before" | "after";
    };

/** One operation and everything that disturbs it. */
export interface Step {
  /** Moves the program to the other host first. */
  readonly moves: boolean;
  readonly edits: readonly Edit[];
  readonly events: readonly Event[];
  readonly faults: readonly Fault[];
  readonly disturbance: Disturbance;
  readonly operation: "up" | "upRefresh" | "refresh" | "preview" | "replace" | "destroy";
}

/** A whole run. */
export interface Scenario {
  /** Seeds what is random in the provider. */
  readonly seed: number;
  /** Where the program begins. */
  readonly host: Host;
  readonly parallel: number;
  readonly unknowns: Unknowns;
  /** Whether classes start with a completed prebuild. */
  readonly snapshots: boolean;
  readonly steps: readonly Step[];
}

const at = fc.nat(nameCount - 1);
const pair = fc.nat(pairCount - 1);
const name = fc.nat(nameCount - 1);
const waitForReady = fc.constantFrom<(boolean | "ifSnapshot")[]>(false, true, "ifSnapshot");

const sizes: fc.Arbitrary<Sizes> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ minSize: fc.integer({ min: 0, max: 3 }), maxSize: fc.integer({ min: 3, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ minSize: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ maxSize: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.constant({}) },
);

const add: fc.Arbitrary<Edit> = fc.record({
  edit: fc.constant("add" as const),
  name,
  pair,
  sizes,
  adoptExisting: fc.boolean(),
  waitForReady: fc.oneof(fc.constant(undefined), waitForReady),
});

const addPrebuild: fc.Arbitrary<Edit> = fc.record({
  edit: fc.constant("addPrebuild" as const),
  name,
  pair,
  withClass: fc.boolean(),
  trigger: fc.nat(2),
  waitForCompletion: fc.constantFrom(undefined, true, false),
  logs: fc.constantFrom(undefined, "onFailure" as const, "stream", "none"),
});

const addAny = fc.oneof({ weight: 3, arbitrary: add }, { weight: 1, arbitrary: addPrebuild });

const change: fc.Arbitrary<Edit> = fc.oneof(
  add,
  addPrebuild,
  fc.record({ edit: fc.constant("trigger" as const), at, trigger: fc.nat(2) }),
  fc.record({ edit: fc.constant("remove" as const), at }),
  fc.record({ edit: fc.constant("resize" as const), at, sizes }),
  fc.record({ edit: fc.constant("move" as const), at, pair }),
  fc.record({ edit: fc.constant("swap" as const), at, other: at }),
  fc.record({ edit: fc.constant("rename" as const), at, name, alias: fc.boolean() }),
  fc.record({ edit: fc.constant("adopt" as const), at, on: fc.boolean() }),
  fc.record({ edit: fc.constant("wait" as const), at, mode: waitForReady }),
  fc.record({ edit: fc.constant("createFirst" as const), at, on: fc.boolean() }),
  fc.record({ edit: fc.constant("replaceOnChanges" as const), at, on: fc.boolean() }),
);

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ event: fc.constant("createLike" as const), at }),
  fc.record({ event: fc.constant("create" as const), pair, sizes }),
  fc.record({
    event: fc.constant("resize" as const),
    at,
    minSize: fc.integer({ min: 0, max: 3 }),
    maxSize: fc.integer({ min: 3, max: 8 }),
  }),
  fc.record({ event: fc.constantFrom("degrade" as const, "recover", "rotate", "drain", "remove"), at }),
  fc.record({ event: fc.constantFrom("createPrebuild" as const, "disable", "enable"), pair }),
  fc.record({
    event: fc.constantFrom("failPrebuild" as const, "cancelPrebuild", "drainPrebuild", "removePrebuild", "expire"),
    at,
  }),
  fc.record({ event: fc.constant("advance" as const), milliseconds: fc.integer({ min: 1, max: 120_000 }) }),
  fc.record({ event: fc.constant("advance" as const), milliseconds: fc.constant(7 * 24 * 3_600_000) }),
);

const rpc = fc.constantFrom(
  ...writes,
  "GetWarmPool" as const,
  "ListWarmPools",
  "GetPrebuild",
  "ListPrebuilds",
  "CreatePrebuildLogsToken",
  "GetAuthenticatedIdentity",
);
/** Without not_found: when the API says that an object is gone, it must be true. */
const code = fc.constantFrom(...codesBefore.filter((each) => each !== "not_found"));
const codeAfter = fc.constantFrom(...codesAfter);

const failure: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ error: fc.record({ code }) }),
  fc.record({ error: fc.record({ code: codeAfter, when: fc.constant("after" as const) }) }),
  fc.record({
    error: fc.record({
      code: fc.constant("resource_exhausted" as const),
      retryInfoSeconds: fc.constantFrom(0, 1, 7, 90),
    }),
  }),
  fc.record({
    error: fc.record({ code: fc.constant("resource_exhausted" as const), rateLimitRetryAfter: fc.constantFrom(1, 20) }),
  }),
  fc.record({ html: fc.record({ status: fc.constantFrom(...pageStatuses) }) }),
  fc.record({ redirect: fc.record({ to: fc.constant("http://127.0.0.1:9/api") }) }),
  fc.record({ reset: fc.constantFrom("before" as const, "after") }),
  fc.record({ hang: fc.constantFrom("before" as const, "after") }),
  fc.constantFrom<Fault[]>(
    { truncated: true },
    { invalidJson: true },
    { repeatedPageToken: true, times: 1 },
    { unknownFields: true },
    { unknownEnum: true },
    { slow: 3 },
  ),
  fc.record({
    tokenBucket: fc.record({
      capacity: fc.integer({ min: 1, max: 5 }),
      refillPerSecond: fc.constantFrom(0.5, 2, 10),
      hint: fc.constantFrom("retryInfo" as const, "header", "none"),
    }),
    times: fc.constant("always" as const),
  }),
);

const selection: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ nth: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ nth: fc.integer({ min: 1, max: 6 }), times: fc.integer({ min: 2, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ share: fc.constantFrom(0.1, 0.3, 0.6, 1) }) },
);

const rpcFault: fc.Arbitrary<Fault> = fc
  .tuple(fc.option(rpc, { nil: undefined, freq: 3 }), selection, failure)
  .map(([rpc, selection, failure]) => ({ ...(rpc === undefined ? {} : { rpc }), ...selection, ...failure }));

/** A log is plain text, which can fail in fewer ways. */
const logFault: fc.Arbitrary<Fault> = fc
  .tuple(
    selection,
    fc.constantFrom<Fault[]>(
      { error: { code: "unauthenticated" } },
      { html: { status: 502 } },
      { redirect: { to: "http://127.0.0.1:9/log" } },
      { reset: "before" },
      { reset: "after" },
      { hang: "before" },
      { truncated: true },
    ),
  )
  .map(([selection, failure]) => ({ rpc: "PrebuildLogs" as const, ...selection, ...failure }));

const fault = fc.oneof({ weight: 9, arbitrary: rpcFault }, { weight: 1, arbitrary: logFault });

/**
 * @param noneWeight how often nothing disturbs the operation, relative to 4
 * @param maxRequest the last request, and with `maxCall` the last call of an RPC, that can be disturbed
 */
const disturbance = (noneWeight: number, maxRequest: number, maxCall: number): fc.Arbitrary<Disturbance> =>
  fc.oneof(
    { weight: noneWeight, arbitrary: fc.constant({ kind: "none" as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("interrupt" as const, "killProvider", "killAll"),
        atRequest: fc.integer({ min: 1, max: maxRequest }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("killProvider" as const, "killAll"),
        rpc: fc.constantFrom(...writes),
        nth: fc.integer({ min: 1, max: maxCall }),
        when: fc.constantFrom("before" as const, "after"),
      }),
    },
  );

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.constant("up" as const) },
  { weight: 2, arbitrary: fc.constant("upRefresh" as const) },
  { weight: 2, arbitrary: fc.constant("refresh" as const) },
  { weight: 1, arbitrary: fc.constantFrom("preview" as const, "replace", "destroy") },
);

const step = (edits: fc.Arbitrary<Edit[]>, disturbance: fc.Arbitrary<Disturbance>): fc.Arbitrary<Step> =>
  fc.record({
    moves: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    edits,
    events: fc.array(event, { maxLength: 2 }),
    faults: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(fault, { minLength: 1, maxLength: 2 }) },
    ),
    disturbance,
    operation,
  });

const unknowns = fc.record(
  Object.fromEntries(Object.entries(plausible).map(([point, answers]) => [point, fc.constantFrom(...answers)])),
) as fc.Arbitrary<Unknowns>;

const surroundings = {
  seed: fc.nat(),
  host: fc.constantFrom(...hosts),
  parallel: fc.constantFrom(1, 2, 4, 16),
  unknowns,
  snapshots: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
};

/** Up to 12 resources and 5 steps. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  ...surroundings,
  steps: fc
    .tuple(
      step(fc.array(addAny, { minLength: 1, maxLength: nameCount }), disturbance(6, 15, 2)),
      fc.array(step(fc.array(change, { maxLength: 4 }), disturbance(6, 15, 2)), { maxLength: 4 }),
    )
    .map(([first, rest]) => [first, ...rest]),
});

/** Shorter and mostly disturbed, for real processes. */
export const shortScenario: fc.Arbitrary<Scenario> = fc.record({
  ...surroundings,
  steps: fc
    .tuple(
      step(fc.array(addAny, { minLength: 2, maxLength: 5, size: "max" }), disturbance(1, 8, 1)),
      fc.array(step(fc.array(change, { minLength: 1, maxLength: 3, size: "max" }), disturbance(1, 8, 1)), {
        minLength: 1,
        maxLength: 2,
        size: "max",
      }),
    )
    .map(([first, rest]) => [first, ...rest]),
});

/** The scenario with a program that stays in one host. */
export function inHost(host: Host, scenario: Scenario): Scenario {
  return { ...scenario, host, steps: scenario.steps.map((step) => ({ ...step, moves: false })) };
}
