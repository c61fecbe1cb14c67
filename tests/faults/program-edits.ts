/** Edits of a run's program. The result is always a program that a user could write. */
import type { Declared } from "./campaign-stack.js";
import type { Edit, Sizes } from "./random-scenario.js";

/** A project and one of its environment classes. */
export interface Pair {
  readonly projectId: string;
  readonly environmentClassId: string;
}

/** The program after an edit. An edit that makes no sense changes nothing. */
export function editProgram(program: readonly Declared[], edit: Edit, pairs: readonly Pair[]): readonly Declared[] {
  if (edit.edit === "add") {
    const pair = pairs[edit.pair];
    if (pair === undefined || isTaken(program, nameOf(edit.name)) || program.some((each) => hasPair(each, pair)))
      return program;
    const { adoptExisting, waitForReady } = edit;
    return [
      ...program,
      {
        kind: "warmPool",
        name: nameOf(edit.name),
        args: {
          ...pair,
          ...sizesOf(edit.sizes),
          ...(adoptExisting ? { adoptExisting } : {}),
          ...(waitForReady === undefined ? {} : { waitForReady }),
        },
        aliases: [],
        deleteBeforeReplace: undefined,
        replaceOnChanges: [],
        // Long enough for the simulator, short enough for a wait that never succeeds.
        customTimeouts: { create: "3m", update: "3m", delete: "3m" },
      },
    ];
  }
  if (edit.edit === "addPrebuild") {
    const pair = pairs[edit.pair];
    if (pair === undefined || isTaken(program, nameOf(edit.name))) return program;
    const { withClass, trigger, waitForCompletion, logs } = edit;
    return [
      ...program,
      {
        kind: "prebuild",
        name: nameOf(edit.name),
        args: {
          projectId: pair.projectId,
          ...(withClass ? { environmentClassId: pair.environmentClassId } : {}),
          triggers: trigger,
          ...(waitForCompletion === undefined ? {} : { waitForCompletion }),
          ...(logs === undefined ? {} : { logs }),
        },
        aliases: [],
        deleteBeforeReplace: undefined,
        replaceOnChanges: [],
        customTimeouts: { create: "3m", update: "3m" },
      },
    ];
  }
  const index = edit.at % Math.max(1, program.length);
  const chosen = program[index];
  if (chosen === undefined) return program;
  const change = (part: Partial<Declared>) => program.with(index, { ...chosen, ...part });
  const isPool = chosen.kind === "warmPool";
  const { minSize: _min, maxSize: _max, ...others } = chosen.args;
  switch (edit.edit) {
    case "remove":
      return program.toSpliced(index, 1);
    case "trigger":
      return isPool ? program : change({ args: { ...chosen.args, triggers: edit.trigger } });
    case "resize":
      if (!isPool) return program;
      return change({ args: { ...others, ...sizesOf(edit.sizes) } });
    case "move": {
      const pair = pairs[edit.pair];
      if (pair === undefined || (isPool && program.some((each) => hasPair(each, pair)))) return program;
      return change({ args: { ...chosen.args, ...pair } });
    }
    case "swap": {
      const other = program[edit.other % program.length];
      if (other === undefined || other === chosen || other.kind !== chosen.kind) return program;
      return program.map((each) =>
        each === chosen ? withPairOf(each, other) : each === other ? withPairOf(each, chosen) : each,
      );
    }
    case "rename": {
      const name = nameOf(edit.name);
      if (isTaken(program, name)) return program;
      return change({ name, aliases: edit.alias ? [chosen.name, ...chosen.aliases] : [] });
    }
    case "adopt":
      return isPool ? change({ args: { ...chosen.args, adoptExisting: edit.on } }) : program;
    case "wait":
      if (isPool) return change({ args: { ...chosen.args, waitForReady: edit.mode } });
      return change({ args: { ...chosen.args, waitForCompletion: edit.mode !== false } });
    case "createFirst":
      return change({ deleteBeforeReplace: !edit.on });
    case "replaceOnChanges":
      return change({ replaceOnChanges: edit.on ? ["minSize", "maxSize"] : [] });
  }
}

/** The pair that properties name, as a string. */
export function pairOf({ projectId, environmentClassId }: Readonly<Record<string, unknown>>): string {
  return `${String(projectId)}/${String(environmentClassId)}`;
}

function hasPair({ kind, args }: Declared, pair: Pair): boolean {
  return kind === "warmPool" && pairOf(args) === pairOf({ ...pair });
}

function withPairOf(each: Declared, { args: { projectId, environmentClassId } }: Declared): Declared {
  if (projectId === undefined || environmentClassId === undefined) return each;
  return { ...each, args: { ...each.args, projectId, environmentClassId } };
}

/** Whether a resource has the name or an alias of it. The engine treats both alike. */
function isTaken(program: readonly Declared[], name: string): boolean {
  return program.some((each) => each.name === name || each.aliases.includes(name));
}

function nameOf(number: number): string {
  return `r${number}`;
}

function sizesOf({ minSize, maxSize }: Sizes): { minSize?: number; maxSize?: number } {
  return { ...(minSize === undefined ? {} : { minSize }), ...(maxSize === undefined ? {} : { maxSize }) };
}
