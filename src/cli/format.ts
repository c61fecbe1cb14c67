/** How text is put before people: colours where they are wanted, columns that fit, and nothing of a server's text that could steer a terminal. */
import Table from "cli-table3";
import pc from "picocolors";
import stringWidth from "string-width";
import { sanitize } from "../util/text.js";
import type { Io } from "./terminal.js";

/** Colours, or functions that leave text as it is. */
export type Palette = ReturnType<typeof pc.createColors>;

/** The colours for standard output: on a terminal unless NO_COLOR is set, and elsewhere only by FORCE_COLOR. */
export function paletteFor({ env, screen }: Pick<Io, "env" | "screen">): Palette {
  return pc.createColors(wantsColour(env, screen !== undefined));
}

function wantsColour(env: Io["env"], isTerminal: boolean): boolean {
  // https://no-color.org: present and not empty.
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}

/** Whether the terminal can be expected to show block characters. */
export function hasUnicode({ env }: Pick<Io, "env">, platform: string = process.platform): boolean {
  if (platform === "win32") return true;
  return /utf-?8/i.test(env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "");
}

/** The least width of a column that gives way. */
const narrowest = 20;

/**
 * Rows as aligned columns, without lines around them.
 * @param rows cells that are printable; colours are allowed
 * @param width the columns of the terminal: where the rows are wider, the last column is wrapped. Undefined: nothing is wrapped
 */
export function columns(head: readonly string[], rows: readonly (readonly string[])[], width?: number): string {
  const gap = 2;
  const all = head.length > 0 ? [head, ...rows] : rows;
  const count = Math.max(0, ...all.map((row) => row.length));
  const natural = Array.from({ length: count }, (_, index) =>
    Math.max(0, ...all.map((row) => Math.max(...(row[index] ?? "").split("\n").map((line) => stringWidth(line))))),
  );
  const fixed = natural.slice(0, -1).reduce((sum, column) => sum + column + gap, 0);
  const last = Math.min(natural.at(-1) ?? 0, Math.max(narrowest, (width ?? Infinity) - fixed));
  const table = new Table({
    chars: noLines,
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap },
    wordWrap: true,
    // The width of a column includes its padding.
    colWidths: [...natural.slice(0, -1), last].map((column) => column + gap),
  });
  table.push(...all.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const noLines = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
    "middle",
  ].map((name) => [name, ""]),
);

/** JSON for people and programs: a text that would steer a terminal is escaped, and still the same text. */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replace(
    // JSON itself escapes only what lies below the space; the line breaks that are left are its own indentation.
    /[\u007f-\u009f\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A server's text as code in a cell of a Markdown table, where nothing of it can become markup, a link or a mention. */
export function codeCell(text: string): string {
  // A bar would end the cell, a backtick the code; neither can be escaped in both.
  const line = sanitize(text).replaceAll("|", "¦").replaceAll("`", "'");
  return line === "" ? "" : `\`${line}\``;
}

/** Our own words in a cell of a Markdown table. */
export function textCell(text: string): string {
  return sanitize(text).replace(/[\\`*_[\]<>|~#&]/g, "\\$&");
}

/** How long ago, for people: `45s`, `12m`, `3h`, `6d`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
