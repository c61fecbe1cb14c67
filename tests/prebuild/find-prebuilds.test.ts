import type { OnaClient } from "../../src/client/index.js";
import { listPrebuilds } from "../../src/prebuild/find-prebuilds.js";
import { prebuildId } from "../support/messages.js";
import { bench } from "../support/prebuild-api.js";
import { live } from "../support/prebuilds.js";

const gone = "00000000-0000-4000-8000-000000000000";

test.each([
  [{}, [prebuildId]],
  [{ phases: ["COMPLETED", "DELETED"] as const }, [gone, prebuildId]],
])("getPrebuilds(%j) shows DELETED prebuilds that the API lists only if it asks for phases", async (args, ids) => {
  const { context } = bench({ list: [[live({ id: gone, phase: "DELETED" }), live()]] });
  const { prebuilds } = await listPrebuilds(args, { client: async () => context.client as OnaClient, run: {} });
  expect(prebuilds.map(({ id }) => id)).toEqual(ids);
});
