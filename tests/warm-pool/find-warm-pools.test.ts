import type { OnaClient } from "../../src/client/index.js";
import { listWarmPools } from "../../src/warm-pool/find-warm-pools.js";
import { poolId } from "../support/messages.js";
import { bench } from "../support/pool-api.js";
import { live } from "../support/pools.js";

test("getWarmPools leaves out DELETED pools that the API still lists, and keeps DELETING ones", async () => {
  const gone = live({ id: "00000000-0000-4000-8000-000000000000", phase: "DELETED" });
  const { context } = bench({ list: [[gone, live({ phase: "DELETING" })]] });
  const found = await listWarmPools({}, { client: async () => context.client as OnaClient, run: {} });
  expect(found.warmPools.map(({ id }) => id)).toEqual([poolId]);
});
