/** Reads through an API client: what its rate limit changes. */
import { readThrough } from "../../src/batched-reads/client-reads.js";
import { pageTimeoutMs } from "../../src/batched-reads/shared-list.js";
import { WriteFence } from "../../src/batched-reads/write-fence.js";
import { FakeClock } from "../support/fake-clock.js";
import { projectId } from "../support/messages.js";

test("polls gather while the client's rate limit delays calls, and wait for a List that it delays", async () => {
  const clock = new FakeClock();
  const ids = Array.from({ length: 3 }, (_, index) => `00000000-0000-4000-8000-00000000000${index}`);
  const items = ids.map((id) => ({ id, metadata: { projectId } }));
  const calls: string[] = [];
  const { reads } = readThrough(
    { isRateLimited: true, rateLimitDelayMs: 300 },
    clock,
    new WriteFence(),
    {
      async get(id: string) {
        calls.push(`get ${id}`);
        return { id, metadata: { projectId } };
      },
      async *list(projectIds, signal) {
        calls.push(`list ${projectIds.join()}`);
        await clock.sleep(2 * pageTimeoutMs, signal);
        yield items;
      },
      minObjects: 1,
    },
    ({ id }) => id,
  );
  const poll = async (id: string, index: number) => {
    await clock.sleep(100 * index);
    return reads.poll({ id, projectId }, new AbortController().signal);
  };
  expect(await clock.run(Promise.all(ids.map(poll)))).toEqual(ids);
  expect(calls).toEqual([`list ${projectId}`]);
});
