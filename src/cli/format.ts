/** Formats output so that a server's text can't control a terminal or become markup. */
import stringWidth from "string-width";
import { sanitize } from "../util/text.js";

const columnGap = 2;
const minWrappedWidth = 20;

/**
 * Formats rows as aligned columns without borders.
 * @param rows printable cells, which may have line breaks and, except in the last column, colors
 * @param width the terminal's columns; the last column wraps to fit. Default: nothing wraps
 */
export function formatTable(rows: readonly (readonly string[])[], width = Infinity): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[column] ?? "")), 0),
  );
  const lastWidth = width - widths.slice(0, -1).reduce((sum, each) => sum + each + columnGap, 0);
  const lines = rows.flatMap((row) => {
    const cells = row.map((cell, column) => {
      const lines = cell.split("\n");
      return column === row.length - 1
        ? lines.flatMap((line) => wrap(line, Math.max(minWrappedWidth, lastWidth)))
        : lines;
    });
    const height = cells.reduce((most, lines) => Math.max(most, lines.length), 0);
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, column) => pad(lines[line] ?? "", (widths[column] ?? 0) + columnGap))
        .join("")
        .trimEnd(),
    );
  });
  return lines.join("\n");
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOfLine(text)));
}

/**
 * Splits a line at spaces. A part that is still too wide, such as a sentence in Japanese, is split anywhere. Commands
 * (`between backticks`) stay whole, because users copy them.
 */
function wrap(line: string, width: number): string[] {
  if (widthOfLine(line) <= width) return [line];
  const parts: string[] = [];
  let [part, used] = ["", 0];
  for (const word of line.match(/ *(?:`[^`]*`|[^ ])+ */g) ?? []) {
    const isWide = widthOfLine(word.trimEnd()) > width && !word.includes("`");
    for (const text of isWide ? word : [word]) {
      if (used > 0 && used + widthOfLine(text.trimEnd()) > width) {
        parts.push(part);
        [part, used] = ["", 0];
      }
      part += text;
      used += widthOfLine(text);
    }
  }
  return [...parts, part];
}

/** How many terminal columns the widest line of a text takes. */
export function widthOf(text: string): number {
  // Without spreading: a table can have more lines than a call can have arguments.
  return text.split("\n").reduce((width, line) => Math.max(width, widthOfLine(line)), 0);
}

const graphemes = new Intl.Segmenter();

/**
 * Cuts a line to a width.
 * @param ellipsis replaces what is cut out
 * @param tailWidth how much of the end stays, in columns
 */
export function clip(line: string, width = Infinity, ellipsis = "...", tailWidth = 0): string {
  if (widthOfLine(line) <= width) return line;
  // The width of a line is the sum of those of its characters.
  const characters = Array.from(graphemes.segment(line), ({ segment }) => segment);
  const count = (from: readonly string[], room: number) => {
    let left = room;
    const end = from.findIndex((character) => (left -= widthOfLine(character)) < 0);
    return Math.max(0, end);
  };
  const start = characters.slice(0, count(characters, width - tailWidth - widthOfLine(ellipsis)));
  const end = characters.slice(characters.length - count(characters.toReversed(), tailWidth));
  return [...start, ellipsis, ...end].join("");
}

function widthOfLine(line: string): number {
  return /^[ -~]*$/.test(line) ? line.length : stringWidth(line);
}

/** `1 pool`, `2 pools`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** An age, to one unit: `45s`, `12m`, `3h`, `6d`. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** JSON that is safe to print: characters that control a terminal are escaped, so it still parses to the same value. */
export function formatJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replace(
    // JSON.stringify escapes everything below a space itself.
    // The second mark of a command of GitHub, Azure or TeamCity too.
    /[\u007f-\u009f\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}]|(?<=#)#/gu,
    (character) => [...Array(character.length).keys()].map((unit) => escapeUnit(character.charCodeAt(unit))).join(""),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/** Formats a server's text as code in a Markdown table cell, where it can't become markup, a link or a mention. */
export function toMarkdownCode(text: string): string {
  // A bar would end the cell and a backtick the code. Neither can be escaped inside both.
  const line = sanitize(text).replaceAll("|", "¦").replaceAll("`", "'");
  return line === "" ? "" : `\`${line}\``;
}

/** Escapes our own text for a Markdown table cell. What could mention someone or be a link becomes code. */
export function escapeMarkdown(text: string): string {
  return sanitize(text)
    .split(/( \S*(?:[@#]|:\/\/|www\.)\S*)/i)
    .map((part, index) => (index % 2 === 0 ? part.replace(/[\\`*_[\]<>|~&]/g, "\\$&") : ` ${toMarkdownCode(part)}`))
    .join("");
}
