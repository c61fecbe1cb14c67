/** A process never both adopts and deletes a pool. */
import { AdoptionLock } from "../../src/warm-pool/adoption-lock";

const id = "a pool";
const failing = () => Promise.reject(new Error("no"));

test("does not delete an adopted pool, but deletes another one", async () => {
  const lock = new AdoptionLock();
  await expect(lock.adopt(id, async () => "resized")).resolves.toBe("resized");
  const remove = jest.fn(async () => undefined);
  await expect(lock.delete(id, remove)).resolves.toBe(false);
  expect(remove).not.toHaveBeenCalled();
  await expect(lock.delete("another", remove)).resolves.toBe(true);
});

test("a deletion waits for an adoption in progress and continues if that fails", async () => {
  const lock = new AdoptionLock();
  const adopting = Promise.withResolvers<void>();
  const taking = lock.adopt(id, () => adopting.promise);
  const remove = jest.fn(async () => undefined);
  const leaving = lock.delete(id, remove);
  await new Promise((resolve) => setImmediate(resolve));
  expect(remove).not.toHaveBeenCalled();
  adopting.reject(new Error("no"));
  await expect(taking).rejects.toThrow("no");
  await expect(leaving).resolves.toBe(true);
  expect(remove).toHaveBeenCalled();
});

test("an adoption right after the start of a deletion sees the deletion", async () => {
  const lock = new AdoptionLock();
  const removing = lock.delete(id, async () => undefined);
  expect(lock.deletionOf(id)).toBeDefined();
  await expect(removing).resolves.toBe(true);
});

test("remembers a deletion after the pool is gone", async () => {
  const lock = new AdoptionLock();
  expect(lock.deletionOf(id)).toBeUndefined();
  const removing = Promise.withResolvers<void>();
  const leaving = lock.delete(id, () => removing.promise);
  await Promise.resolve();
  expect(lock.deletionOf(id)).toBeDefined();
  removing.resolve();
  await leaving;
  await expect(lock.deletionOf(id)).resolves.toBeUndefined();
});

test("forgets a deletion that failed", async () => {
  const lock = new AdoptionLock();
  await expect(lock.delete(id, failing)).rejects.toThrow("no");
  expect(lock.deletionOf(id)).toBeUndefined();
});
