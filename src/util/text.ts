/** Text from elsewhere, made safe to print and to store, and small parts of messages. */

/** How much of a text a message repeats, in characters. */
const maxTextLength = 1_000;

/** How much of a text is read, in characters: escape sequences may take much of it. */
const maxReadLength = 65_536;

/** In characters. What is cut off within this distance of the end may be part of a secret. */
export const maxSecretLength = 4_096;

/** Replaces secrets in printable text. */
export type Hide = (text: string) => string;

const hideNothing: Hide = (text) => text;

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

// Marks that reorder text, characters without width, and halves of characters.
const invisible = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]+/gu;

// With lines and other spaces than the ordinary one.
const control = /[\p{Cc}\p{Zl}\p{Zp}]+|\p{Zs}/gu;

/**
 * Makes one printable line of a text: without escape sequences, control and invisible characters, secrets, and commands
 * of CI systems. The order matters: what is removed may join the parts of a secret, and a hidden secret those of a
 * command.
 */
export function sanitize(text: string, hide = hideNothing, maxLength = maxTextLength): string {
  const isCut = text.length > maxReadLength;
  const line = toPlainText(text.slice(0, maxReadLength)).replace(control, " ");
  const shown = disarmStored(disarmCommands(withoutCutSecret(hide(line), isCut).trim()));
  return truncate(shown, maxLength, isCut ? text.length : shown.length);
}

/**
 * Makes a line of a log printable, as {@link sanitize}, at any length. Tabs become spaces, and leading whitespace
 * stays.
 * @param isCut whether the end of the line is missing
 */
export function sanitizeLogLine(text: string, hide = hideNothing, isCut = false): string {
  const line = toPlainText(text)
    .replaceAll("\t", "    ")
    .replace(/[\v\f\p{Zl}\p{Zp}\p{Zs}]/gu, " ")
    .replace(/\p{Cc}/gu, "");
  return disarmCommands(withoutCutSecret(hide(line), isCut)).trimEnd();
}

function toPlainText(text: string): string {
  // Most texts are ids and times.
  return /^[ -~]*$/.test(text) ? text : text.replace(escapeSequence, "").replace(invisible, "");
}

/** Without the end of a cut text: half a secret is still a secret. Whitespace may double its length. */
function withoutCutSecret(text: string, isCut: boolean): string {
  return isCut ? cut(text, Math.max(0, text.length - 2 * maxSecretLength)) : text;
}

/** Keeps a text from being a command to the CI system that prints it, or to the Pulumi engine. */
function disarmCommands(text: string): string {
  if (!/##|::|section_|<\{%/i.test(text)) return text;
  return (
    escapeColorMarks(text)
      // GitHub, Azure and TeamCity, anywhere in a line.
      .replace(/##(?=(?:vso|teamcity)?\[)/gi, "# #")
      .replace(/(section_(?:start|end)):(?=\d)/gi, "$1 :")
      // GitHub, at the start of a line: where a table may wrap, and the keys of JSON, which the engine prints so.
      .replace(/(^|[\s{[,"'])(:{2,})(?=[a-z])/gi, (_all, before: string, colons: string) => before + spread(colons))
  );
}

/**
 * The same for a whole text. `pulumi stack output` prints it alone, and `--diff` prints it as an object if it is JSON.
 */
function disarmStored(text: string): string {
  // The engine must not decode what escapes such as \n and \u003a stand for.
  const decoded = /^[{[]/.test(text) ? text.replaceAll("\\", "/") : text;
  // The headings of Buildkite.
  return decoded.replace(/^([-+~^])\1\1(?=\s|$)/, (heading) => `${heading.charAt(0)} ${heading.slice(1)}`);
}

function spread(text: string): string {
  return [...text].join(" ");
}

/** Text without the engine's own color marks, `<{%reset%}>`, which it would interpret. */
export function escapeColorMarks(text: string): string {
  return text.replaceAll("<{%", "<{ %");
}

/** Truncates a text and adds its full length. */
export function truncate(text: string, maxLength: number, length = text.length): string {
  // A truncated text stays as it is.
  if (length <= maxLength + 40 && /… \(\d+ characters\)$/.test(text)) return text;
  return length > maxLength ? `${cut(text, maxLength)}… (${length} characters)` : text;
}

/** The start of a text, not cut between the two halves of a character. */
export function cut(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "");
}

/** What was thrown, as text. Empty if that says nothing. */
export function describeThrown(error: unknown): string {
  if (typeof error === "string") return error;
  const { message } = Object(error) as { readonly message?: unknown };
  return typeof message === "string" ? message : "";
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

/** An id in a command that users copy: without what a shell could run, since the API may return anything. */
export function idForShell(id: string): string {
  return id.replace(/[^\w-]/g, "");
}

/** Quotes an argument for the user's shell: a POSIX shell, or on Windows cmd and PowerShell. */
export function quoteForShell(text: string, platform: string = process.platform): string {
  if (/^[\w.:/-]+$/.test(text)) return text;
  if (platform !== "win32") return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return /^[\w.:/\\-]+$/.test(text) ? text : `"${text.replaceAll('"', String.raw`\"`)}"`;
}
