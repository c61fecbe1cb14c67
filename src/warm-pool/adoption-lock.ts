import { perOwner } from "../util/per-owner.js";

/**
 * Keeps this process from both adopting and deleting the same pool. The resources of an update run concurrently, and
 * one may delete the pool that another one adopts. Whichever starts first wins.
 */
export class AdoptionLock {
  /** Whether each adoption succeeds. A failed adoption is removed. */
  readonly #adoptions = new Map<string, Promise<boolean>>();
  /** The end of each deletion. A failed deletion is removed. */
  readonly #deletions = new Map<string, Promise<void>>();

  /** The end of this process's deletion of the pool, successful or not. Undefined if there is none. */
  deletionOf(id: string): Promise<void> | undefined {
    return this.#deletions.get(id);
  }

  /** Whether this process has adopted the pool, or is adopting it. */
  isAdopted(id: string): boolean {
    return this.#adoptions.has(id);
  }

  /** Adopts a pool by `run`. The caller checks {@link deletionOf} in the same tick. */
  async adopt<T>(id: string, run: () => Promise<T>): Promise<T> {
    const adoption = run();
    const succeeds = adoption.then(
      () => true,
      () => {
        this.#adoptions.delete(id);
        return false;
      },
    );
    this.#adoptions.set(id, succeeds);
    return adoption;
  }

  /**
   * Deletes a pool by `run`, unless this process has adopted it.
   * @returns whether it was deleted
   */
  async delete(id: string, run: () => Promise<void>): Promise<boolean> {
    // There must be no await between the last check and the entry in #deletions.
    for (let adoption = this.#adoptions.get(id); adoption !== undefined; adoption = this.#adoptions.get(id))
      if (await adoption) return false;
    const deletion = run();
    const ended = deletion.catch(() => void this.#deletions.delete(id));
    this.#deletions.set(id, ended);
    await deletion;
    return true;
  }
}

/** The adoption lock of a provider process. */
export const adoptionLockOf = perOwner((_process: object) => new AdoptionLock());
