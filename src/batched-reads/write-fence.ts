/**
 * What this process writes, as far as Lists are concerned: one that may have been answered before a write of ours was
 * tells nothing of its project.
 */
import { isUuid } from "../lifecycle/validation.js";

/** Which object is meant. */
export interface Wanted {
  readonly id: string;
  /** Left out, or no UUID, where it is not known. */
  readonly projectId?: string | undefined;
}

/** The writes of a project. */
interface Written {
  underWay: number;
  /** The number of the last List that had begun when a write was sent; none begins until it is answered. */
  spoilt: number;
}

/** The writes to the objects of one kind, through all clients of the process: several may lead to the same account. */
export class Writes {
  readonly #byProject = new Map<string, Written>();
  /** To objects whose project is not known. */
  readonly #anywhere: Written = { underWay: 0, spoilt: 0 };
  readonly #projects = new Map<string, string>();
  #lists = 0;

  /** Takes note of an object's project, so that a later write to it spoils the Lists of that one alone. */
  note({ id, projectId }: Wanted): void {
    if (isProject(projectId)) this.#projects.set(normal(id), normal(projectId));
  }

  /**
   * Sends a write to an object. From now on until its answer, whatever that is, its project is not read in bulk, and
   * Lists that began before that never tell of it again.
   */
  async writingTo<T>(id: string, send: () => Promise<T>): Promise<T> {
    return this.#writing(this.#projects.get(normal(id)), send);
  }

  /** As {@link writingTo}, for a request that makes an object of a project. */
  async writingIn<T>(projectId: string, send: () => Promise<T>): Promise<T> {
    return this.#writing(isProject(projectId) ? normal(projectId) : undefined, send);
  }

  /** The number of a List that begins now, counted from 1. */
  beginList(): number {
    return ++this.#lists;
  }

  /** Whether a List may tell of a project. */
  mayTell(list: number, project: string): boolean {
    return !this.isUnderWay(project) && list > this.#to(project).spoilt && list > this.#anywhere.spoilt;
  }

  /** Whether a write to a project may be under way. */
  isUnderWay(project: string): boolean {
    return this.#to(project).underWay > 0 || this.#anywhere.underWay > 0;
  }

  async #writing<T>(project: string | undefined, send: () => Promise<T>): Promise<T> {
    const written = project === undefined ? this.#anywhere : this.#to(project);
    written.underWay++;
    written.spoilt = this.#lists;
    try {
      return await send();
    } finally {
      written.underWay--;
    }
  }

  #to(project: string): Written {
    const written = this.#byProject.get(project) ?? { underWay: 0, spoilt: 0 };
    this.#byProject.set(project, written);
    return written;
  }
}

/** Whether something is the id of a project. */
export function isProject(id: string | undefined): id is string {
  return id !== undefined && isUuid(id);
}

/** An id as the API has it, for comparisons. */
export function normal(id: string): string {
  return id.toLowerCase();
}
