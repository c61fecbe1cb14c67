/** The next step of a create that the API didn't answer with a pool. */
import type { OnaError } from "../../src/client/index.js";
import { decideNextStep, mayAppear, type NextStep, type Observation } from "../../src/warm-pool/create-decision.js";
import { epoch } from "../support/fake-clock.js";
import { details } from "../support/pools.js";
import { refusal, unknownOutcomes } from "../support/scripted.js";

const pool = details();
const lost = refusal("unavailable", { origin: "network" });
const conflict = refusal("already_exists");

/** A create with the sizes of the listed pool whose response is lost. */
const seen: Observation = {
  failure: lost,
  pool,
  isDeletedHere: false,
  sizes: { minSize: 1, maxSize: 4 },
  window: { from: epoch, to: epoch + 60_000 },
  unlistedForMs: 0,
  adoptExisting: false,
};

const notOurs: Partial<Observation> = { window: { from: epoch + 1, to: epoch + 60_000 } };
const deleting = details({ phase: "DELETING" });

test.each<[string, Partial<Observation>, NextStep["kind"]]>([
  ["a pool with the sent sizes that is as old as the lost request is ours", {}, "ours"],
  ["a pool that is older than the lost request is refused", notOurs, "refuse"],
  ["a pool that is older than the lost request is adopted if allowed", { ...notOurs, adoptExisting: true }, "adopt"],
  [
    "a pool that is as old as the end of the lost request is ours",
    { window: { from: epoch - 60_000, to: epoch } },
    "ours",
  ],
  [
    "a pool that was created after the lost request ended is refused",
    { window: { from: epoch - 60_001, to: epoch - 1 } },
    "refuse",
  ],
  ["a pool with another minSize is refused", { sizes: { minSize: 0, maxSize: 4 } }, "refuse"],
  ["a pool with another maxSize is refused", { sizes: { minSize: 1, maxSize: 5 } }, "refuse"],
  ["a pool with an unknown age is refused", { pool: details({ createdAt: "" }) }, "refuse"],
  ["a pool is refused if no request was lost", { failure: conflict, window: undefined }, "refuse"],
  ["a conflict with the pool of an earlier lost request is ours", { failure: conflict }, "ours"],
  ["our own pool is ours even if adopting is allowed", { adoptExisting: true }, "ours"],
  ["a pool that is DELETING is waited for", { pool: deleting }, "waitUntilGone"],
  ["a pool that is DELETING is not adopted", { pool: deleting, adoptExisting: true }, "waitUntilGone"],
  ["a pool that this process deletes is waited for", { isDeletedHere: true }, "waitUntilGone"],
  ["a pool that this process deletes is not adopted", { isDeletedHere: true, adoptExisting: true }, "waitUntilGone"],
  ["a lost request that made no pool fails", { pool: undefined }, "fail"],
  ["a conflict with an unlisted pool is retried", { pool: undefined, failure: conflict }, "retry"],
  ["an aborted request without a pool is retried", { pool: undefined, failure: refusal("aborted") }, "retry"],
  ["an unlisted conflict fails after a minute", { pool: undefined, failure: conflict, unlistedForMs: 60_000 }, "fail"],
  [
    "failed_precondition without a pool fails at once: the project may lack a prebuild configuration",
    { pool: undefined, failure: refusal("failed_precondition") },
    "fail",
  ],
])("%s", (_title, observed, kind) => {
  const step = decideNextStep({ ...seen, ...observed });
  expect(step.kind).toBe(kind);
  if ("pool" in step) expect(step.pool).toBe(observed.pool ?? pool);
});

test.each(unknownOutcomes)("after %s a pool may still appear, unless the code reports a conflict", (_what, failure) => {
  expect(mayAppear(failure)).toBe(failure.code !== "aborted");
});

test.each<OnaError>([conflict, refusal("failed_precondition")])("after $code no pool can appear", (failure) => {
  expect(mayAppear(failure)).toBe(false);
});
