/**
 * What the lookups of one program run read together: ten lookups by name take one List, and a second one if a name is
 * missing in what was read earlier, since the object may be new.
 */
import type { EnvironmentClassMessage, IdentityMessage, OnaClient, ProjectMessage } from "../client/index.js";
import type { ConnectionArgs, InvokeContext } from "../lifecycle/functions.js";

/** The reads over one connection. */
export interface SharedReads {
  readonly identity: () => Promise<IdentityMessage>;
  readonly project: (id: string) => Promise<ProjectMessage>;
  readonly projects: SharedList<ProjectMessage>;
  readonly environmentClasses: SharedList<EnvironmentClassMessage>;
}

/** By program run. */
const runs = new WeakMap<object, WeakMap<OnaClient, SharedReads>>();

/** The reads over a connection, which the program run shares. */
export async function readsOf({ connection }: ConnectionArgs, context: InvokeContext): Promise<SharedReads> {
  const client = await context.client(connection);
  const known = runs.get(context.run) ?? new WeakMap<OnaClient, SharedReads>();
  runs.set(context.run, known);
  const reads = known.get(client) ?? createReads(client);
  known.set(client, reads);
  return reads;
}

function createReads(client: OnaClient): SharedReads {
  const projects = new SharedList(() => client.listProjects());
  return {
    identity: shared(() => client.getIdentity()),
    project: shared(async (id) => (await projects.listed()).find((each) => each.id === id) ?? client.getProject(id)),
    projects,
    environmentClasses: new SharedList(() => client.listEnvironmentClasses()),
  };
}

/** A read whose result is kept for each argument. A failure is not. */
function shared<T>(read: (argument: string) => Promise<T>): (argument?: string) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (argument = "") => {
    const result = results.get(argument) ?? read(argument);
    results.set(argument, result);
    result.catch(() => results.delete(argument));
    return result;
  };
}

interface Listed<T> {
  readonly items: Promise<readonly T[]>;
  isComplete: boolean;
}

/** A complete List that several lookups search. */
export class SharedList<T> {
  readonly #list: () => AsyncIterable<T>;
  #latest: Listed<T> | undefined;

  constructor(list: () => AsyncIterable<T>) {
    this.#list = list;
  }

  /** All items, as the program run read them first. */
  all(): Promise<readonly T[]> {
    return (this.#latest ?? this.#read()).items;
  }

  /** The items, if something has asked for them. */
  async listed(): Promise<readonly T[]> {
    return (await this.#latest?.items.catch(() => [])) ?? [];
  }

  /**
   * Picks items of the List, and returns it too, for suggestions.
   * @param pick called again with a new List if it finds nothing in one that was read earlier
   */
  async find<Found>(
    pick: (items: readonly T[]) => readonly Found[],
  ): Promise<{ found: readonly Found[]; all: readonly T[] }> {
    const first = this.#latest ?? this.#read();
    const isEarlier = first.isComplete;
    const all = await first.items;
    const found = pick(all);
    if (found.length > 0 || !isEarlier) return { found, all };
    const later = this.#latest === first ? undefined : this.#latest;
    const renewed = await (later ?? this.#read()).items;
    return { found: pick(renewed), all: renewed };
  }

  #read(): Listed<T> {
    const read = { items: this.#items(), isComplete: false };
    this.#latest = read;
    read.items.then(
      () => (read.isComplete = true),
      () => {
        if (this.#latest === read) this.#latest = undefined;
      },
    );
    return read;
  }

  async #items(): Promise<readonly T[]> {
    const items: T[] = [];
    for await (const item of this.#list()) items.push(item);
    return items;
  }
}
