/** The names of projects and environment classes, which the commands show instead of ids. */
import { chunk } from "../client/filters.js";
import { type EnvironmentClassMessage, isTransient, OnaError, type ProjectMessage } from "../client/index.js";
import { startTimer } from "../util/clock.js";
import { omitUndefined } from "../util/nullish.js";
import { cut } from "../util/text.js";
import { isUuid } from "../util/uuid.js";
import type { Reader } from "./account.js";
import { clip, widthOf } from "./format.js";
import type { Io } from "./terminal.js";

/** How long a command waits for names once it has everything else, in milliseconds. */
const maxDelayMs = 10_000;

/** The ids of a project and an environment class, if an object has them. */
export interface PairIds {
  readonly projectId?: string | undefined;
  readonly environmentClassId?: string | undefined;
}

/** The names of a project and an environment class, as far as they are known. */
export interface PairNames {
  readonly projectName?: string | undefined;
  readonly environmentClassName?: string | undefined;
}

/**
 * Which names are read.
 * - `page`: while the command reads the rest, all classes and a page of projects, which usually has those needed
 * - `all`: the same with all projects
 * - `needed`: afterwards, what is needed
 * - `off`: none
 */
export type NameExtent = "page" | "all" | "needed" | "off";

/** Reads names. If that fails, names are missing, and nothing else happens. */
export class NameReader {
  readonly projects = new Map<string, ProjectMessage>();
  readonly environmentClasses = new Map<string, EnvironmentClassMessage>();
  readonly #client: Reader;
  readonly #io: Io;
  #extent: NameExtent;
  /** The ids that were asked for, known or not. */
  readonly #asked = new Set<string>();
  #failure: string | undefined;
  /** Whether the next read of --watch tries again. */
  #isRetried = false;

  constructor(client: Reader, io: Io, extent: NameExtent) {
    this.#client = client;
    this.#io = io;
    this.#extent = extent;
  }

  /** Why names are missing. Undefined if they could be read. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Runs `read` and reads the names of what it returns, if they are not known yet.
   * @param interruption ends the wait for names
   */
  async alongside<T>(
    read: () => Promise<T>,
    pairsOf: (result: T) => readonly PairIds[],
    interruption?: AbortSignal,
  ): Promise<T> {
    if (this.#extent === "off") return read();
    const stop = new AbortController();
    let stopTimer: (() => void) | undefined;
    const stopReading = () => stop.abort();
    interruption?.addEventListener("abort", stopReading);
    try {
      const result = read();
      const reading = this.#read(
        result.then(pairsOf, () => []),
        stop.signal,
      );
      await result;
      stopTimer = startTimer(this.#io.clock, maxDelayMs, () => {
        this.#failure ??= "it took too long";
        stopReading();
      });
      await reading;
      return await result;
    } finally {
      interruption?.removeEventListener("abort", stopReading);
      stopReading();
      stopTimer?.();
    }
  }

  namesOf({ projectId = "", environmentClassId = "" }: PairIds): PairNames {
    return omitUndefined<PairNames>({
      // An empty name says nothing.
      projectName: this.projects.get(projectId)?.metadata.name || undefined,
      environmentClassName: this.environmentClasses.get(environmentClassId)?.displayName || undefined,
    });
  }

  /** Tells the user, once, if names could not be read. */
  reportFailure(): void {
    if (this.#failure !== undefined) this.#io.err(`Using ids, since names could not be read: ${this.#failure}.\n`);
  }

  async #read(pairs: Promise<readonly PairIds[]>, signal: AbortSignal): Promise<void> {
    const [extent, isRetry] = [this.#extent, this.#isRetried];
    this.#extent = "needed";
    this.#isRetried = false;
    const failures: unknown[] = [];
    const attempt = async (read: () => Promise<void>) => {
      try {
        await read();
      } catch (error) {
        failures.push(error);
        if (!signal.aborted) this.#failure ??= describeFailure(error);
        if (!signal.aborted && !isTransient(error)) return;
        this.#asked.clear();
        this.#isRetried = true;
      }
    };
    await Promise.all([
      attempt(() => this.#readProjects(pairs, extent, { signal })),
      attempt(() => this.#readClasses(pairs, extent, { signal })),
    ]);
    if (isRetry && failures.length === 0) this.#failure = undefined;
  }

  async #readProjects(pairs: Promise<readonly PairIds[]>, extent: NameExtent, options: { signal: AbortSignal }) {
    const add = (projects: Iterable<ProjectMessage>) => {
      for (const project of projects) this.projects.set(project.id, project);
    };
    if (extent !== "needed") {
      for await (const page of this.#client.projectPages({}, options)) {
        add(page);
        if (extent === "page") break;
      }
    }
    const ids = (await pairs).map(({ projectId }) => projectId);
    const read = async (projectIds: readonly string[]) => {
      for await (const page of this.#client.projectPages({ projectIds }, options)) add(page);
    };
    await Promise.all(chunk(this.#unknown(ids, this.projects)).map(read));
  }

  async #readClasses(pairs: Promise<readonly PairIds[]>, extent: NameExtent, options: { signal: AbortSignal }) {
    const read = async () => {
      for await (const each of this.#client.listEnvironmentClasses(options)) this.environmentClasses.set(each.id, each);
    };
    if (extent !== "needed") await read();
    const ids = (await pairs).map(({ environmentClassId }) => environmentClassId);
    // The List has no filter, so what it does not have has no name.
    if (this.#unknown(ids, this.environmentClasses).length > 0 && extent === "needed") await read();
  }

  /** The ids whose names were not asked for yet. */
  #unknown(ids: readonly (string | undefined)[], known: ReadonlyMap<string, unknown>): readonly string[] {
    const unknown = new Set(
      ids.filter((id) => id !== undefined && isUuid(id) && !known.has(id) && !this.#asked.has(id)),
    );
    for (const id of unknown) this.#asked.add(String(id));
    return [...unknown].map(String);
  }
}

function describeFailure(error: unknown): string {
  return error instanceof OnaError ? `${error.rpc} failed (${error.code})` : String(error);
}

/** What a table shows instead of an id. */
export interface Label {
  /** The name, or the id if there is none, or nothing if there is no id. */
  readonly text: string;
  readonly isId: boolean;
  /** What tells it apart from others of the same name: ` (b0e12f6c)`. Empty if it is the only one. */
  readonly suffix: string;
}

/**
 * Returns a function that labels the project and the environment class of each of some objects, so that two projects,
 * or two classes of one project, have different labels.
 */
export function labelPairs(objects: readonly (PairIds & PairNames)[]) {
  const idsByName = new Map<string, Set<string>>();
  const keysOf = ({ projectId, projectName, environmentClassName }: PairIds & PairNames) =>
    [JSON.stringify([projectName]), JSON.stringify([projectId, environmentClassName])] as const;
  const note = (key: string, id = "") => idsByName.set(key, (idsByName.get(key) ?? new Set()).add(id));
  for (const object of objects) {
    const [projectKey, classKey] = keysOf(object);
    note(projectKey, object.projectId);
    note(classKey, object.environmentClassId);
  }
  const label = (key: string, id = "", name: string | undefined): Label => {
    if (name === undefined) return { text: id, isId: true, suffix: "" };
    const others = [...(idsByName.get(key) ?? [])].filter((other) => other !== id);
    if (others.length === 0 && !isUuid(name)) return { text: name, isId: false, suffix: "" };
    const short = cut(id, 8);
    return { text: name, isId: false, suffix: ` (${others.some((other) => other.startsWith(short)) ? id : short})` };
  };
  return (object: PairIds & PairNames) => {
    const [projectKey, classKey] = keysOf(object);
    return [
      label(projectKey, object.projectId, object.projectName),
      label(classKey, object.environmentClassId, object.environmentClassName),
    ] as const;
  };
}

/** A label as text of up to a width. A name that is too long loses its middle, since the ends of names differ. */
export function formatLabel({ text, isId, suffix }: Label, width = Infinity, ellipsis = "..."): string {
  if (isId) return clip(text, width, ellipsis);
  const room = width - widthOf(suffix);
  // In a very narrow column, only what tells it apart stays.
  return room < 2 && suffix !== ""
    ? clip(suffix.trim(), width, ellipsis)
    : clip(text, room, ellipsis, Math.floor(room / 2) - 1) + suffix;
}
