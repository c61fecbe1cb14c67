/** A List that many readers share. */
import { SharedList, type Pages } from "../../src/batched-reads/shared-list";
import { FakeClock } from "../support/fake-clock";
import { type Thing, thing } from "../support/fleet";

/** A List of these pages. An error is thrown instead of a page. */
async function* pages(...given: readonly (readonly Thing[] | Error)[]): Pages<Thing> {
  for (const page of given) {
    if (page instanceof Error) throw page;
    yield await Promise.resolve(page);
  }
}

const id = (number: number) => thing(number, 1).id;
const listing = (...given: readonly (readonly Thing[] | Error)[]) =>
  new SharedList(() => pages(...given), new FakeClock());

test("the later page wins if an object is on two pages", async () => {
  const list = listing([thing(1, 1), thing(2, 1)], [thing(1, 1, "DEGRADED"), thing(3, 1)]);
  await Promise.all([list.find(id(3)), list.find(id(3))]);
  expect(await list.find(id(1))).toMatchObject({ phase: "DEGRADED" });
});

test("a reader gets its object from the page that shows it, without waiting for the next ones", async () => {
  const list = new SharedList<Thing>(async function* () {
    yield [thing(1, 1)];
    await new Promise(() => undefined);
  }, new FakeClock());
  const last = list.find(id(2));
  expect(await list.find(id(1))).toEqual(thing(1, 1));
  expect(await Promise.race([last, Promise.resolve("waiting")])).toBe("waiting");
});

test("a failed page invalidates the pages before it", async () => {
  const list = listing([thing(1, 1)], new Error("unavailable"));
  expect(await Promise.all([list.find(id(1)), list.find(id(2))])).toEqual([thing(1, 1), undefined]);
  expect(list.state).toBe("failed");
  expect(await list.find(id(1))).toBeUndefined();
});

test("an object on no page is reported as missing after the last page, to earlier and later readers", async () => {
  const list = listing([thing(1, 1)], []);
  expect(await Promise.all([list.find(id(7)), list.find(id(8)), list.find(id(9))])).toEqual(Array(3).fill(undefined));
  expect(await list.find(id(7))).toBeUndefined();
  expect(list.state).not.toBe("failed");
});

test("a reader whose signal is already aborted fetches nothing", async () => {
  let begun = false;
  const list = new SharedList<Thing>(async function* () {
    begun = true;
    yield await Promise.resolve([]);
  }, new FakeClock());
  expect(await list.find(id(1), AbortSignal.abort())).toBeUndefined();
  expect(begun).toBe(false);
});
