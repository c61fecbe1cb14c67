/** Formats output so that a server's text can't control a terminal or become markup. */
import Table from "cli-table3";
import stringWidth from "string-width";
import { sanitize } from "../util/text.js";

const columnGap = 2;
const minWrappedWidth = 20;
/** How many rows are drawn at once. The time that cli-table3 takes grows with their square. */
const maxPartRows = 50;

const borders = [
  ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
  ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
];
const noBorders = Object.fromEntries(borders.map((name) => [name, ""]));

/**
 * Formats rows as aligned columns without borders.
 * @param rows printable cells, which may have colors and line breaks
 * @param width the terminal's columns; the last column wraps to fit. Default: nothing wraps
 */
export function formatTable(rows: readonly (readonly string[])[], width = Infinity): string {
  const table = drawTable(rows);
  const overflow = widthOf(table) - width;
  if (overflow <= 0) return table;
  const lastWidth = widthOf(rows.map((row) => row.at(-1)).join("\n"));
  return drawTable(rows, Math.max(minWrappedWidth, lastWidth - overflow));
}

function drawTable(rows: readonly (readonly string[])[], lastWidth?: number): string {
  const widths = (rows[0] ?? []).map((_, column) => {
    return rows.reduce((width, row) => Math.max(width, widthOf(row[column] ?? "")), 0);
  });
  if (lastWidth !== undefined) widths.splice(-1, 1, lastWidth);
  const options = {
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": columnGap },
    wordWrap: true,
    // A column's width includes its padding.
    colWidths: widths.map((width) => width + columnGap),
  };
  const parts: string[] = [];
  for (let at = 0; at < rows.length; at += maxPartRows) {
    const table = new Table(options);
    for (const row of rows.slice(at, at + maxPartRows)) table.push([...row]);
    parts.push(table.toString());
  }
  return parts.join("\n").replace(/ +$/gm, "");
}

/** How many terminal columns the widest line of a text takes. */
export function widthOf(text: string): number {
  // Without spreading: a table can have more lines than a call can have arguments.
  return text.split("\n").reduce((width, line) => Math.max(width, widthOfLine(line)), 0);
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

/** Escapes our own text for a Markdown table cell. */
export function escapeMarkdown(text: string): string {
  return sanitize(text).replace(/[\\`*_[\]<>|~#&]/g, "\\$&");
}
