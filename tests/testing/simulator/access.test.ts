/** Which calls a token and a plan allow. */
import { call, pairs, simulate } from "./support.js";

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

test("refuses every call with an unknown, missing, or revoked token", async () => {
  const simulator = await simulate({ token: "mine" });
  expect((await call(simulator, "ListWarmPools")).status).toBe(200);
  for (const headers of [bearer("other"), { Authorization: "" }, { Authorization: "Basic mine" }]) {
    expect((await call(simulator, "ListWarmPools", {}, headers)).body.code).toBe("unauthenticated");
  }
  simulator.revokeToken("mine");
  expect((await call(simulator, "ListWarmPools")).status).toBe(401);
  expect((await call(simulator, "ListWarmPools", {}, bearer(simulator.issueToken()))).status).toBe(200);
});

test("lets a read-only token read but not write", async () => {
  const simulator = await simulate();
  const headers = bearer(simulator.readOnlyToken);
  expect((await call(simulator, "ListWarmPools", {}, headers)).status).toBe(200);
  expect((await call(simulator, "CreateWarmPool", pairs(simulator)[0], headers)).body.code).toBe("permission_denied");
  expect(simulator.pools).toEqual([]);
});

test("refuses warm pool calls but not prebuild calls without the Enterprise plan", async () => {
  const simulator = await simulate({ plan: "core" });
  expect((await call(simulator, "ListWarmPools")).body.code).toBe("permission_denied");
  expect((await call(simulator, "ListPrebuilds")).status).toBe(200);
  simulator.setPlan("enterprise");
  expect((await call(simulator, "ListWarmPools")).status).toBe(200);
});
