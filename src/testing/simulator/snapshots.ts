/** The snapshots of completed prebuilds. Pools start their instances from them. */

export interface Snapshot {
  id: string;
  prebuildId: string;
  projectId: string;
  environmentClassId: string;
}

/** All snapshots, oldest first. */
export class Snapshots {
  #all: Snapshot[] = [];
  readonly #listeners: ((snapshot: Snapshot) => void)[] = [];

  /** Calls the listener for each new snapshot. */
  onNew(listener: (snapshot: Snapshot) => void): void {
    this.#listeners.push(listener);
  }

  /** Adds a snapshot, which becomes the latest of its project and class. */
  add(snapshot: Snapshot): void {
    this.#all.push(snapshot);
    for (const listener of this.#listeners) listener(snapshot);
  }

  /** Removes the snapshot of a prebuild, so that no new pool uses it. */
  discard(prebuildId: string): void {
    this.#all = this.#all.filter((snapshot) => snapshot.prebuildId !== prebuildId);
  }

  /** The latest snapshot of a project and class. */
  latest(projectId: string, environmentClassId: string): Snapshot | undefined {
    return this.#all.findLast((s) => s.projectId === projectId && s.environmentClassId === environmentClassId);
  }
}
