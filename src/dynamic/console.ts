/** Words for people. Only the console of a provider process reaches them: the engine shows its standard output as information. */

/** Speaks about one resource. */
export interface Voice {
  /** The resource's name in the program, where it is known. */
  readonly name: string | undefined;
  progress(line: string, id?: string): void;
  /** The engine has no warnings for dynamic providers: such a line begins with `warning:`. */
  warn(line: string, id?: string): void;
  /** Shows a line of somebody's log. */
  log(line: string, id?: string): void;
}

/**
 * A voice that speaks about a resource.
 * @param kind what it is: `warm pool`
 * @param name see {@link Voice.name}
 */
export function voiceOf(kind: string, name: string | undefined): Voice {
  const subject = (id: string | undefined) =>
    [kind, name, id === undefined || name === undefined ? id : `(${id})`].filter(Boolean).join(" ");
  return {
    name,
    progress: (line, id) => console.log(`${subject(id)}: ${line}`),
    warn: (line, id) => console.log(`warning: ${subject(id)}: ${line}`),
    // The bar keeps a log's own words from being taken for ours, warnings above all.
    log: (line, id) => console.log(`${name ?? id ?? kind} | ${line}`),
  };
}
