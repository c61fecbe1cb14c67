/** Text that comes from elsewhere and goes to a terminal. */

/** The most of a foreign text that one message repeats, in characters. */
const longest = 1_000;

// What steers a terminal, by ECMA-48: strings that it takes for itself (titles, links, device control) up to their terminator, control sequences, and other escapes.
// Node's stripVTControlCharacters knows some of it: no device control, no colours with colons, and it eats the first letter after a string without an end.
const steering = new RegExp(
  [
    /(?:\u{1b}[PX\]^_]|[\u{90}\u{98}\u{9d}-\u{9f}])[^\u{7}\u{1b}\u{90}\u{98}\u{9c}-\u{9f}]*(?:\u{7}|\u{1b}\\|\u{9c})/u,
    /(?:\u{1b}\[|\u{9b})[0-?]*[ -/]*(?:[@-~]|$)/u,
    /\u{1b}[ -/]*[0-~]?/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gu",
);

// Controls, line and paragraph separators, and the marks that reorder text: none may reach a terminal.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u{feff}]+/gu;

/** One printable line of a text that a server sent: what steers a terminal is removed, other controls become spaces, and a long text is cut. */
export function sanitize(text: string): string {
  const line = text.replace(steering, "").replace(unprintable, " ").trim();
  return truncate(line, longest);
}

/** How wide a tab is, in spaces. */
const tab = "    ";

/** A line of a log as plain text, however long: what steers a terminal is removed, a tab becomes spaces, blanks at the begin stay. */
export function sanitizeLogLine(text: string): string {
  return text
    .replace(steering, "")
    .replaceAll("\t", tab)
    .replace(/[\v\f\p{Zl}\p{Zp}]/gu, " ")
    .replace(unprintable, "")
    .trimEnd();
}

/** The first characters of a text, and how long it was if that is not all. */
export function truncate(text: string, most: number, length = text.length): string {
  // Not between the two halves of a character.
  return length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}… (${length} characters)` : text;
}

/** `items` as a person lists them: `a`, `a or b`, `a, b or c`. */
export function joinWithOr(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`;
}

/** An object as the begin of a sentence: `The prebuild de151f44-…`. */
export function describeObject(kind: string, id: string): string {
  return `The ${kind} ${id}`;
}

/** The end of a sentence about a failure, without a full stop: what the API says of its cause, if it says anything. */
export function describeCause(message: string | undefined): string {
  const said = sanitize(message ?? "").replace(/(?<!\.)\.$/, "");
  return said === "" ? ", and the API does not say why" : `: ${said}`;
}

/** A word of a command as a shell takes it. */
export function quoteForShell(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
