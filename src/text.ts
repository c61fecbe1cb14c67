/** Text that comes from elsewhere and goes to a terminal. */

/** The most of a foreign text that one message repeats, in characters. */
const longest = 1_000;

// Controls, line and paragraph separators, and the marks that reorder text: none may reach a terminal.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u{feff}]+/gu;

/** One printable line of a text that a server sent: controls become spaces, and a long text is cut. */
export function printable(text: string): string {
  const line = text.replace(unprintable, " ").trim();
  return line.length > longest ? `${line.slice(0, longest)}… (${line.length} characters)` : line;
}

/** `items` as a person lists them: `a`, `a or b`, `a, b or c`. */
export function either(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} or ${items.at(-1)}`;
}
