/** One process never both takes a pool over and deletes it. */
import { Handovers } from "../../src/warm-pool/adoption-lock";

const id = "a pool";
const failing = () => Promise.reject(new Error("no"));

test("a pool that was taken over is not deleted; another one is", async () => {
  const handovers = new Handovers();
  await expect(handovers.take(id, async () => "resized")).resolves.toBe("resized");
  const remove = jest.fn(async () => undefined);
  await expect(handovers.leave(id, remove)).resolves.toBe(false);
  expect(remove).not.toHaveBeenCalled();
  await expect(handovers.leave("another", remove)).resolves.toBe(true);
});

test("a deletion waits for the adoption that is under way, and goes on where that fails", async () => {
  const handovers = new Handovers();
  const adopting = Promise.withResolvers<void>();
  const taking = handovers.take(id, () => adopting.promise);
  const remove = jest.fn(async () => undefined);
  const leaving = handovers.leave(id, remove);
  await new Promise((resolve) => setImmediate(resolve));
  expect(remove).not.toHaveBeenCalled();
  adopting.reject(new Error("no"));
  await expect(taking).rejects.toThrow("no");
  await expect(leaving).resolves.toBe(true);
  expect(remove).toHaveBeenCalled();
});

test("an adoption that begins right after a deletion sees that the pool leaves", async () => {
  const handovers = new Handovers();
  const removing = handovers.leave(id, async () => undefined);
  expect(handovers.leaving(id)).toBeDefined();
  await expect(removing).resolves.toBe(true);
});

test("a pool that is being deleted is leaving, and stays so once it is gone", async () => {
  const handovers = new Handovers();
  expect(handovers.leaving(id)).toBeUndefined();
  const removing = Promise.withResolvers<void>();
  const leaving = handovers.leave(id, () => removing.promise);
  await Promise.resolve();
  expect(handovers.leaving(id)).toBeDefined();
  removing.resolve();
  await leaving;
  await expect(handovers.leaving(id)).resolves.toBeUndefined();
});

test("a deletion that failed is none", async () => {
  const handovers = new Handovers();
  await expect(handovers.leave(id, failing)).rejects.toThrow("no");
  expect(handovers.leaving(id)).toBeUndefined();
});
