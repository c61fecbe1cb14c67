/** Prints property values and their differences like `pulumi preview --diff`. */
import { contentIn, type Content } from "../state/asset-hashes.js";
import { difference, isInternalKey, keysOf, type Difference, type ValueDifference } from "../state/property-diff.js";
import {
  isPlainMap,
  ResourceReference,
  Secret,
  Unknown,
  type PropertyMap,
  type PropertyValue,
} from "../state/property-values.js";

type Sign = "  " | "+ " | "- " | "~ ";

/** How to print lines. */
export interface Style {
  /** Indentation in steps of four spaces. */
  readonly depth: number;
  /** Whether the values belong to a preview. */
  readonly planning: boolean;
  /** Whether to print only differences, at every depth. */
  readonly changesOnly?: boolean;
  /** Whether the values are members of an archive, whose changes fit on one line. */
  readonly members?: boolean;
}

/** Prints all properties of a map with aligned names. */
export function printMap(map: PropertyMap, style: Style, sign: Sign = "  "): string {
  const keys = Object.keys(map).sort();
  const width = widest(keys);
  return keys
    .filter((key) => !isInternalKey(key))
    .map((key) => printProperty(key, map[key] ?? null, width, style, sign))
    .join("");
}

/** Prints the difference between two maps, or the new map if they are equal. */
export function printChange(olds: PropertyMap, news: PropertyMap, style: Style): string {
  const diff = difference(olds, news, isInternalKey);
  return diff === undefined ? printMap(news, style) : printDifference(diff, style);
}

/** Prints a difference, including unchanged properties. */
export function printDifference(diff: Difference, style: Style, only?: readonly string[]): string {
  const keys = only ?? keysOf(diff);
  const width = widest(keys);
  return keys.map((key) => printDifferenceOf(key, diff, width, style)).join("");
}

/** Prints one property of a difference. */
export function printDifferenceOf(key: string, diff: Difference, width: number, style: Style): string {
  const added = diff.adds.get(key);
  if (added !== undefined) return printProperty(key, added, width, style, "+ ");
  const deleted = diff.deletes.get(key);
  if (deleted !== undefined) return printProperty(key, deleted, width, style, "- ");
  const updated = diff.updates.get(key);
  if (updated !== undefined) return printUpdate(title(key, width), updated, style);
  const same = style.changesOnly === true ? undefined : diff.sames.get(key);
  return same !== undefined && isWorthShowing(same) ? printProperty(key, same, width, style, "  ") : "";
}

/** Prints one property with its value. */
export function printProperty(key: string, value: PropertyValue, width: number, style: Style, sign: Sign): string {
  return `${indent(style.depth, sign)}${title(key, width)}${printValue(value, style, sign)}\n`;
}

/** The length of the longest name. */
export function widest(keys: readonly string[]): number {
  return Math.max(0, ...keys.map((key) => key.length));
}

/** The indentation of a line, which ends with the sign of the operation. */
export function indent(depth: number, sign: Sign = "  "): string {
  const spaces = "    ".repeat(depth);
  return spaces === "" ? spaces : spaces.slice(0, -2) + sign;
}

/** Whether a value is not empty. Unchanged empty values are not printed. */
export function isWorthShowing(value: PropertyValue): boolean {
  if (value === null || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return !(isPlainMap(value) && Object.keys(value).length === 0);
}

function title(key: string, width: number): string {
  return `${key.padEnd(width)}: `;
}

/** @param nested how much deeper than its heading an object is indented */
function printUpdate(heading: string, update: ValueDifference, style: Style, nested = 1): string {
  const inner = { ...style, depth: style.depth + 1 };
  const head = indent(style.depth, "~ ") + heading;
  const [oldContent, newContent] = [contentIn(update.old), contentIn(update.new)];
  if (oldContent !== undefined && newContent !== undefined) {
    const shown = printContentUpdate(head, oldContent, newContent, style);
    if (shown !== undefined) return shown;
  }
  if (update.object !== undefined && oldContent === undefined && newContent === undefined) {
    const object = printDifference(update.object, { ...style, depth: style.depth + nested });
    return `${head}{\n${object}${indent(style.depth + nested - 1)}}\n`;
  }
  if (update.array !== undefined) {
    const { length, adds, deletes, updates, sames } = update.array;
    const elements = Array.from({ length }, (_, i) => {
      const element = (value: PropertyValue, sign: Sign): string =>
        `${indent(style.depth + 1, sign)}[${i}]: ${printValue(value, { ...style, depth: style.depth + 2 }, sign)}\n`;
      const added = adds.get(i);
      if (added !== undefined) return element(added, "+ ");
      const deleted = deletes.get(i);
      if (deleted !== undefined) return element(deleted, "- ");
      const updated = updates.get(i);
      if (updated !== undefined) return printUpdate(`[${i}]: `, updated, inner, 2);
      const same = style.changesOnly === true ? undefined : sames.get(i);
      return same === undefined ? "" : element(same, "  ");
    });
    return `${head}[\n${elements.join("")}${indent(style.depth)}]\n`;
  }
  const [showOld, showNew] = [isWorthShowing(update.old), isWorthShowing(update.new)];
  if (showOld && showNew && isPrimitive(update.old) && isPrimitive(update.new)) {
    return `${head}${printValue(update.old, style)} => ${printValue(update.new, style)}\n`;
  }
  const old = showOld ? `${indent(style.depth, "- ")}${heading}${printValue(update.old, style, "- ")}\n` : "";
  const next = showNew ? `${indent(style.depth, "+ ")}${heading}${printValue(update.new, style, "+ ")}\n` : "";
  return old + next;
}

/** Prints the change of an asset or archive. Undefined if it is printed as a deletion and an addition. */
function printContentUpdate(head: string, old: Content, now: Content, style: Style): string | undefined {
  const change = (before: string, after: string) => (before === after ? before : `${before}->${after}`);
  const begin = `${head}${now.kind}(${now.source}:${change(shortHash(old), shortHash(now))}) {`;
  if (old.source === "assets" && now.source === "assets") {
    const members = difference(quoted(old.assets), quoted(now.assets));
    const inner = { ...style, depth: style.depth + 1, changesOnly: true, members: true };
    return `${begin}\n${members === undefined ? "" : printDifference(members, inner)}${indent(style.depth)}}\n`;
  }
  if (old.source === "assets" || now.source === "assets" || now.source === "text") return undefined;
  const isInLine = style.members === true && now.kind === old.kind && now.source === old.source;
  return isInLine ? `${begin} ${change(old.text, now.text)} }\n` : undefined;
}

/** Prints a value. Its parts have the sign of the whole. */
function printValue(value: PropertyValue, style: Style, sign: Sign = "  "): string {
  if (value === null) return "<null>";
  if (typeof value !== "object") return JSON.stringify(value);
  if (value instanceof Secret) return "[secret]";
  if (value instanceof Unknown) return "[unknown]";
  const inner = { ...style, depth: style.depth + 1 };
  const content = contentIn(value);
  if (content !== undefined) return printContent(content, style, sign);
  if (value instanceof ResourceReference) {
    const map: PropertyMap = { URN: value.urn, ID: value.id ?? null, PackageVersion: value.packageVersion };
    return `{\n${printMap(map, inner, sign)}${indent(style.depth)}}`;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item, i) => `${indent(inner.depth, sign)}[${i}]: ${printValue(item, inner, sign)}\n`);
    return `[\n${items.join("")}${indent(style.depth)}]`;
  }
  return Object.keys(value).length === 0 ? "{}" : `{\n${printMap(value, inner, sign)}${indent(style.depth)}}`;
}

function printContent(content: Content, style: Style, sign: Sign): string {
  const head = `${content.kind}(${content.source}:${shortHash(content)}) {`;
  if (content.source === "file" || content.source === "uri") return `${head} ${content.text} }`;
  const inner = { ...style, depth: style.depth + 1 };
  const lines =
    content.source === "assets"
      ? Object.entries(quoted(content.assets)).map(([name, item]) => printProperty(name, item, 0, inner, sign))
      : content.text.split("\n").map((line) => `${indent(inner.depth)}${line}\n`);
  return `${head}\n${lines.join("")}${indent(style.depth)}}`;
}

function shortHash({ hash }: Content): string {
  return hash.slice(0, 7);
}

/** The members of an archive with quoted names, in order. */
function quoted(assets: PropertyMap): PropertyMap {
  const named = Object.keys(assets).sort();
  return Object.fromEntries(named.map((name) => [`"${name}"`, assets[name] ?? null]));
}

function isPrimitive(value: PropertyValue): boolean {
  return value === null || typeof value !== "object" || value instanceof Secret || value instanceof Unknown;
}
