/**
 * Keeps a List from reporting what this process has changed meanwhile: after `up` resized a pool, no read may show
 * the old size.
 *
 *   write sent ──► project fenced: no List starts ──► response, whatever it is ──► project open
 *        └── Lists of the project that started before the write never answer for it again
 *
 * A write to an object whose project is unknown fences all projects.
 */
import { isUuid, normalizeId } from "../util/uuid.js";

/** An object to read. */
export interface Wanted {
  readonly id: string;
  /** Left out, or not a UUID, if it is unknown. */
  readonly projectId?: string | undefined;
}

interface Fence {
  writesInProgress: number;
  /** The number of the last List that had started when a write was sent. */
  lastStaleList: number;
}

/** The writes to the objects of one kind, through all clients of the process: several may lead to the same account. */
export class WriteFence {
  readonly #byProject = new Map<string, Fence>();
  /** Writes to objects whose project is unknown. */
  readonly #anywhere: Fence = { writesInProgress: 0, lastStaleList: 0 };
  readonly #projects = new Map<string, string>();
  #lists = 0;

  /** Records an object's project, so that a later write fences only that one. */
  note({ id, projectId }: Wanted): void {
    if (isProjectId(projectId)) this.#projects.set(normalizeId(id), normalizeId(projectId));
  }

  /** Sends a write to an object and fences its project. */
  async writeTo<T>(id: string, send: () => Promise<T>): Promise<T> {
    return this.#write(this.#projects.get(normalizeId(id)), send);
  }

  /** Sends a request that creates an object in a project, and fences the project. */
  async writeIn<T>(projectId: string, send: () => Promise<T>): Promise<T> {
    return this.#write(isProjectId(projectId) ? normalizeId(projectId) : undefined, send);
  }

  /** The number of a List that starts now, counted from 1. */
  startList(): number {
    return ++this.#lists;
  }

  /** Whether a List may answer for a project. */
  mayAnswer(list: number, project: string): boolean {
    const { lastStaleList } = this.#of(project);
    return !this.isFenced(project) && list > lastStaleList && list > this.#anywhere.lastStaleList;
  }

  /** Whether a write to a project may be in progress. */
  isFenced(project: string): boolean {
    return this.#of(project).writesInProgress > 0 || this.#anywhere.writesInProgress > 0;
  }

  async #write<T>(project: string | undefined, send: () => Promise<T>): Promise<T> {
    const fence = project === undefined ? this.#anywhere : this.#of(project);
    fence.writesInProgress++;
    fence.lastStaleList = this.#lists;
    try {
      return await send();
    } finally {
      fence.writesInProgress--;
    }
  }

  #of(project: string): Fence {
    const fence = this.#byProject.get(project) ?? { writesInProgress: 0, lastStaleList: 0 };
    this.#byProject.set(project, fence);
    return fence;
  }
}

export function isProjectId(id: string | undefined): id is string {
  return id !== undefined && isUuid(id);
}
