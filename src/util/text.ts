/** Text from elsewhere that goes to a terminal, and small parts of messages. */

/** How much of a foreign text a message repeats, in characters. */
const maxLength = 1_000;

// Escape sequences of ECMA-48: strings (titles, links, device control) up to their terminator, control sequences, and
// other escapes.
// Node's stripVTControlCharacters misses device control and colors with colons, and eats the first letter after an
// unterminated string.
const escapeSequence = new RegExp(
  [
    /(?:\u{1b}[PX\]^_]|[\u{90}\u{98}\u{9d}-\u{9f}])[^\u{7}\u{1b}\u{90}\u{98}\u{9c}-\u{9f}]*(?:\u{7}|\u{1b}\\|\u{9c})/u,
    /(?:\u{1b}\[|\u{9b})[0-?]*[ -/]*(?:[@-~]|$)/u,
    /\u{1b}[ -/]*[0-~]?/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gu",
);

// Control characters, line and paragraph separators, and marks that reorder text.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u{feff}]+/gu;

/** Makes one printable line of a server's text, without escape sequences and control characters, and truncates it. */
export function sanitize(text: string): string {
  const line = text.replace(escapeSequence, "").replace(unprintable, " ").trim();
  return truncate(line, maxLength);
}

/** Makes a line of a log printable at any length. Tabs become spaces, and leading whitespace stays. */
export function sanitizeLogLine(text: string): string {
  return text
    .replace(escapeSequence, "")
    .replaceAll("\t", "    ")
    .replace(/[\v\f\p{Zl}\p{Zp}]/gu, " ")
    .replace(unprintable, "")
    .trimEnd();
}

/** Truncates a text and adds its full length. */
export function truncate(text: string, maxLength: number, length = text.length): string {
  // Not between the two halves of a character.
  return length > maxLength
    ? `${text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "")}… (${length} characters)`
    : text;
}

/** Parses JSON. Undefined if the text is not JSON. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Joins alternatives: `a`, `a or b`, `a, b or c`. */
export function joinWithOr(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`;
}

/** Names an object at the start of a sentence: `The prebuild de151f44-…`. */
export function describeObject(kind: string, id: string): string {
  return `The ${kind} ${id}`;
}

/** Ends a sentence about a failure with the cause that the API gives, without a period. */
export function describeCause(message: string | undefined): string {
  const said = sanitize(message ?? "").replace(/(?<!\.)\.$/, "");
  return said === "" ? ", and the API does not say why" : `: ${said}`;
}

/** Quotes an argument for the user's shell: a POSIX shell, or on Windows cmd and PowerShell. */
export function quoteForShell(text: string, platform: string = process.platform): string {
  if (/^[\w.:/-]+$/.test(text)) return text;
  if (platform !== "win32") return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return /^[\w.:/\\-]+$/.test(text) ? text : `"${text.replaceAll('"', String.raw`\"`)}"`;
}
