// The snapshots that completed prebuilds have left: what pools start their instances from.

export interface Snapshot {
  id: string;
  prebuildId: string;
  projectId: string;
  environmentClassId: string;
}

export class Snapshots {
  private all: Snapshot[] = [];
  private readonly listeners: ((snapshot: Snapshot) => void)[] = [];

  /** Calls the listener for each new snapshot. */
  onNew(listener: (snapshot: Snapshot) => void): void {
    this.listeners.push(listener);
  }

  /** Adds the newest snapshot of its project and class. */
  add(snapshot: Snapshot): void {
    this.all.push(snapshot);
    for (const listener of this.listeners) listener(snapshot);
  }

  /** Takes a prebuild's snapshot away: no new pool will use it. */
  discard(prebuildId: string): void {
    this.all = this.all.filter((snapshot) => snapshot.prebuildId !== prebuildId);
  }

  /** The newest snapshot of a project and class. */
  latest(projectId: string, environmentClassId: string): Snapshot | undefined {
    return this.all.findLast((s) => s.projectId === projectId && s.environmentClassId === environmentClassId);
  }
}
