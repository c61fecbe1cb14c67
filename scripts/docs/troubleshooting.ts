/**
 * `npm run troubleshooting`: writes docs/troubleshooting.md from the messages in `src` and from troubleshooting.md in
 * this folder, which has their causes and remedies.
 *
 * There, `### TEXT` is the start of a message, and what follows is its cause and remedy. `* TEXT` is the start of a
 * message that explains itself, or that shares the text of the heading above. In a comment, it is one that the page
 * leaves out. "…" stands for values.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { countWords, findMessages, type Message } from "./messages.js";

const root = join(__dirname, "../..");
const pagePath = join(root, "docs/troubleshooting.md");

/** Precedes a section with messages of others. */
const foreign = "<!-- not in src -->";

interface Page {
  readonly text: string;
  /** Messages without entries, and entries without messages. */
  readonly problems: readonly string[];
}

const entryLine = /^(###|\*|<!-- \*) (.*?)(?: -->)?$/;

export function createPage(
  entries = readFileSync(join(__dirname, "troubleshooting.md"), "utf8"),
  messages: readonly Message[] = findMessages(),
): Page {
  const lines = entries.split("\n");
  const starts = lines.flatMap((line) => entryLine.exec(line)?.[2] ?? []);
  // An entry may have a value where a message has "…". Otherwise each message has the entry that fits best.
  const used = new Set<string>();
  const byEntry = Map.groupBy(messages, ({ text }) => {
    const fitting = starts.filter((start) => isStart(start, text));
    const values = starts.filter((start) => isStart(text, start) && countWords(text) > 1);
    for (const start of values) used.add(start);
    return fitting.reduce(
      (best, start) => (fixedLength(start) > fixedLength(best) ? start : best),
      fitting[0] ?? values[0] ?? "",
    );
  });
  const problems = (byEntry.get("") ?? []).map(describeMissing);
  let isForeign = false;
  const shown = lines.flatMap((line) => {
    if (line === foreign || line.startsWith("## ")) isForeign = line === foreign;
    if (line === foreign) return [];
    const [, mark, start = ""] = entryLine.exec(line) ?? [];
    if (mark === undefined) return [line];
    const found = byEntry.get(start) ?? [];
    if (found.length === 0 && !used.has(start) && !isForeign)
      problems.push(`scripts/docs/troubleshooting.md: no message needs "${line}".`);
    const items = found
      .filter(({ text }) => mark === "*" || countWords(text) > countWords(start) + 1)
      .map(({ text }) => `- \`\` ${text.replaceAll("\n", " ")} \`\``);
    return mark === "<!-- *" ? [] : mark === "*" ? items : [line, "", ...items];
  });
  const text = shown
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^(- ``.*)\n\n(?=- ``)/gm, "$1\n");
  return { text, problems };
}

function describeMissing({ text, place }: Message): string {
  const [start] = text.replace(/^[…\s.,:[\]()]+/, "").split(/\. |: …|\n/);
  return `${place}: no entry for "${text}".
  Add "### ${start}" with its cause and remedy to scripts/docs/troubleshooting.md, or "* ${start}" if the message says both.`;
}

/** A message as users search for it: without the value that it begins with. */
function startOf(text: string): string {
  return text.replace(/^(?:…|[\s.,:"'`[\]()])+/, "");
}

/** Whether a text starts with a pattern, after the values that both may begin with. */
function isStart(pattern: string, text: string): boolean {
  return toPattern(startOf(pattern)).test(startOf(text));
}

function fixedLength(text: string): number {
  return text.replaceAll("…", "").length;
}

function toPattern(text: string): RegExp {
  return new RegExp(
    `^${text
      .split("…")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*?")}`,
    "s",
  );
}

if (require.main === module) {
  const { text, problems } = createPage();
  if (problems.length > 0) throw new Error(problems.join("\n"));
  writeFileSync(pagePath, text);
}
