/** The ESLint rule for comments: a line has at most 120 columns. `eslint --fix` wraps comments that stand alone. */
const maxColumns = 120;

/** Wraps the lines of a comment, which have a common prefix such as ` * `. */
function wrap(lines, prefix) {
  const wrapped = [];
  let rest = "";
  for (const line of lines) {
    // What is left of a long line continues in the next one, unless that starts something new.
    const startsNew = /^(?:$|@|- |\d+\. |```|\|)/.test(line);
    if (rest !== "" && startsNew) wrapped.push(rest);
    let text = rest === "" || startsNew ? line : `${rest} ${line}`;
    rest = "";
    while (prefix.length + text.length > maxColumns) {
      const end = text.lastIndexOf(" ", maxColumns - prefix.length);
      if (end <= 0) break;
      wrapped.push(text.slice(0, end));
      const indent = /^(?:- | )/.test(text) ? "  " : "";
      text = indent + text.slice(end + 1).trimStart();
      rest = text;
    }
    if (rest === "") wrapped.push(text);
  }
  if (rest !== "") wrapped.push(rest);
  return wrapped.map((line) => `${prefix}${line}`.trimEnd());
}

/** The comment with lines that fit, or undefined if it does not stand alone. */
function rewrite(comment, lines) {
  const indent = lines[comment.loc.start.line - 1].slice(0, comment.loc.start.column);
  const after = lines[comment.loc.end.line - 1].slice(comment.loc.end.column);
  if (indent.trim() !== "" || after.trim() !== "") return undefined;
  if (comment.type === "Line") return wrap([comment.value.trim()], `${indent}// `).join("\n").trimStart();
  const text = comment.value
    .replace(/^\*/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  while (text[0]?.trim() === "") text.shift();
  while (text.at(-1)?.trim() === "") text.pop();
  text[0] = text[0].trimStart();
  const open = comment.value.startsWith("*") ? "/**" : "/*";
  return [open, ...wrap(text, `${indent} * `), `${indent} */`].join("\n");
}

const rule = {
  meta: { type: "layout", schema: [], fixable: "whitespace" },
  create(context) {
    const { lines } = context.sourceCode;
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const { start, end } = comment.loc;
          const own = lines.slice(start.line - 1, end.line);
          // An address cannot be wrapped.
          const tooLong = own.findIndex((line) => line.length > maxColumns && !line.includes("://"));
          if (tooLong === -1) continue;
          const fixed = rewrite(comment, lines);
          context.report({
            loc: { line: start.line + tooLong, column: maxColumns },
            message: `a comment line has ${own[tooLong].length} columns: wrap it at ${maxColumns}`,
            ...(fixed === undefined ? {} : { fix: (fixer) => fixer.replaceText(comment, fixed) }),
          });
        }
      },
    };
  },
};

module.exports = { rule };
