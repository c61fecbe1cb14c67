import { perOwner } from "../util/per-owner.js";

/**
 * What this process takes over and what it deletes, so that never both happen to one pool.
 *
 * Resources of one update run at the same time: one may leave a pair that another one wants. Whichever comes first decides: a pool that is being taken over is not deleted, and one
 * that is being deleted is not taken over.
 */
export class Handovers {
  /** Adoptions that are under way, or have succeeded: whether they do. */
  readonly #taken = new Map<string, Promise<boolean>>();
  /** Deletions that are under way, or have succeeded; resolves when they have ended either way. */
  readonly #leaving = new Map<string, Promise<void>>();

  /** Resolves when the deletion of a pool by this process has ended, undefined where there is none. */
  leaving(id: string): Promise<void> | undefined {
    return this.#leaving.get(id);
  }

  /** Whether this process has taken a pool over, or is about to. */
  isTaken(id: string): boolean {
    return this.#taken.has(id);
  }

  /** Takes a pool over by `adopt`. Ask {@link leaving} at the same moment. */
  async take<T>(id: string, adopt: () => Promise<T>): Promise<T> {
    const adopting = adopt();
    const taken = adopting.then(
      () => true,
      () => {
        // The pool is in nobody's state but that of the resource which has it.
        this.#taken.delete(id);
        return false;
      },
    );
    this.#taken.set(id, taken);
    return adopting;
  }

  /**
   * Deletes a pool by `remove`, unless this process has taken it over.
   * @returns whether it was deleted
   */
  async leave(id: string, remove: () => Promise<void>): Promise<boolean> {
    // No pause between the last look and the note that it leaves.
    for (let taken = this.#taken.get(id); taken !== undefined; taken = this.#taken.get(id))
      if (await taken) return false;
    const removing = remove();
    const over = removing.catch(() => void this.#leaving.delete(id));
    this.#leaving.set(id, over);
    await removing;
    return true;
  }
}

/** The handovers of a provider process. */
export const handoversOf = perOwner((_process: object) => new Handovers());
