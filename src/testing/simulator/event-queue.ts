// What will happen by itself, in the order of time. Nothing runs in the background: whoever looks at the state first
// settles what has fallen due, so that the state depends on the clock alone.

interface Entry {
  at: number;
  order: number;
  run: () => void;
}

export class Agenda {
  /** The moment up to which everything has happened; while an entry runs, the entry's own moment. */
  now: number;
  private heap: Entry[] = [];
  private order = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Has something happen so many milliseconds after the present moment. */
  after(ms: number, run: () => void): void {
    this.heap.push({ at: this.now + ms, order: this.order++, run });
    this.up(this.heap.length - 1);
  }

  /** Lets everything happen that falls due until the given moment, one after the other. */
  settle(until: number): void {
    for (let next = this.heap[0]; next !== undefined && next.at <= until; next = this.heap[0]) {
      this.removeFirst();
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = Math.max(this.now, until);
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = this.before(left, at) ? left : at;
      if (this.before(right, least)) least = right;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private up(at: number): void {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private before(a: number, b: number): boolean {
    const [x, y] = [this.heap[a], this.heap[b]];
    if (x === undefined || y === undefined) return false;
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    const [x, y] = [this.heap[a], this.heap[b]];
    if (x === undefined || y === undefined) return;
    this.heap[a] = y;
    this.heap[b] = x;
  }
}
