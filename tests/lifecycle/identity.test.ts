/** Whose token a client has: one call for all callers, which never fails. */
import type { CallOptions, IdentityMessage } from "../../src/client/index.js";
import { identityOf } from "../../src/lifecycle/identity.js";
import { type Answer, hangs, refusal, stage } from "../support/scripted.js";

const identity: IdentityMessage = {
  subject: { id: "9b3c4d5e-6f7a-4b8c-9d2e-3f4a5b6c7d8e", principal: "USER" },
  organizationId: "11111111-6f7a-4b8c-9d2e-3f4a5b6c7d8e",
  organizationTier: "enterprise",
};
const minute = 60_000;

/** A client with scripted answers, and how it was called. */
function account(...answers: readonly Answer<IdentityMessage>[]) {
  const { answer, clock, rpcs } = stage<"identity">();
  const options: (CallOptions | undefined)[] = [];
  const client = {
    getIdentity: (given?: CallOptions) => {
      options.push(given);
      return answer("identity", answers, {}, given?.signal);
    },
  };
  return { findIdentity: identityOf(client, clock), client, clock, options, calls: () => rpcs().length };
}

test("all callers share one call, and its result is kept", async () => {
  const { client, clock, calls } = account(identity);
  const results = await Promise.all(Array.from({ length: 500 }, () => identityOf(client, clock)()));
  expect(new Set(results)).toEqual(new Set([identity]));
  await clock.advance(10 * minute);
  expect(await identityOf(client, clock)()).toBe(identity);
  expect(calls()).toBe(1);
});

test("each client has its own identity", async () => {
  const other = { ...identity, organizationId: "another" };
  const [here, there] = [account(identity), account(other)];
  expect([await here.findIdentity(), await there.findIdentity()]).toEqual([identity, other]);
});

test.each([
  ["permission_denied", refusal("permission_denied")],
  ["unimplemented", refusal("unimplemented")],
  ["an HTTP 404 of a gateway", refusal("unimplemented", { origin: "http", httpStatus: 404 })],
])("a refusal is kept for good: %s", async (_what, failure) => {
  const { findIdentity, clock, calls } = account(failure, identity);
  expect(await findIdentity()).toBeUndefined();
  await clock.advance(60 * minute);
  expect(await findIdentity()).toBeUndefined();
  expect(calls()).toBe(1);
});

test.each([
  ["unavailable", refusal("unavailable")],
  ["unauthenticated", refusal("unauthenticated")],
  ["an error that isn't expected", new TypeError("oops")],
])("another failure is kept for a minute: %s", async (_what, failure) => {
  const { findIdentity, clock, calls } = account(failure, identity);
  expect(await findIdentity()).toBeUndefined();
  await clock.advance(minute - 1);
  expect(await findIdentity()).toBeUndefined();
  expect(calls()).toBe(1);
  await clock.advance(1);
  expect(await findIdentity()).toBe(identity);
  expect(calls()).toBe(2);
});

test("a call without a response ends after 10 s and isn't repeated for a minute", async () => {
  const { findIdentity, clock, calls } = account(hangs(), identity);
  expect(await clock.run(findIdentity())).toBeUndefined();
  expect(clock.monotonic()).toBe(10_000);
  expect(await findIdentity()).toBeUndefined();
  await clock.advance(minute);
  expect(await findIdentity()).toBe(identity);
  expect(calls()).toBe(2);
});

test("a caller stops waiting when its signal is aborted, and the others don't", async () => {
  const { promise, resolve } = Promise.withResolvers<IdentityMessage>();
  const { findIdentity, calls } = account(() => promise);
  const stop = new AbortController();
  const [stopped, waiting] = [findIdentity(stop.signal), findIdentity()];
  stop.abort(new Error("enough"));
  expect(await stopped).toBeUndefined();
  resolve(identity);
  expect(await waiting).toBe(identity);
  expect(calls()).toBe(1);
});

test("an aborted signal makes no call", async () => {
  const { findIdentity, calls } = account(identity);
  expect(await findIdentity(AbortSignal.abort())).toBeUndefined();
  expect(calls()).toBe(0);
});

test("the call doesn't wait for a rate limit", async () => {
  const { findIdentity, options } = account(identity);
  await findIdentity();
  expect(options).toMatchObject([{ urgent: true }]);
});
