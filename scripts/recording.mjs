// `npm run recording`: runs the README's first program on the simulator with the pulumi CLI on the PATH, and draws what
// `pulumi up` prints as docs/images/up-light.svg and up-dark.svg.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSimulator } from "pulumi-ona/testing";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lineHeight = 19;
const padding = 16;
const width = 980;
const secondsPerLine = 0.15;

/** Colors of the CLI, by their number in its escape sequences. Each has a contrast of at least 4.5 to the background. */
const themes = {
  light: { back: "#f6f8fa", text: "#1f2328", 2: "#116329", 3: "#7d4e00", 5: "#6639ba", 12: "#0550ae", 13: "#8250df" },
  dark: { back: "#151b23", text: "#e6edf3", 2: "#56d364", 3: "#e3b341", 5: "#bc8cff", 12: "#79c0ff", 13: "#d2a8ff" },
};

/** What `pulumi up` of the README's first program prints, with escape sequences. */
async function record() {
  const [, program] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"));
  // As in the demo, the program finds the package as an example does.
  const cwd = mkdtempSync(join(root, "examples", ".demo-"));
  const home = mkdtempSync(join(tmpdir(), "pulumi-ona-recording-"));
  const simulator = await startSimulator({ clock: "real" });
  try {
    cpSync(join(root, "examples", "testing", "tsconfig.json"), join(cwd, "tsconfig.json"));
    writeFileSync(join(cwd, "package.json"), '{ "main": "index.ts" }\n');
    writeFileSync(join(cwd, "Pulumi.yaml"), "name: pools\nruntime: nodejs\n");
    writeFileSync(join(cwd, "index.ts"), program);
    const backend = { PULUMI_BACKEND_URL: `file://${home}`, PULUMI_CONFIG_PASSPHRASE: "recording" };
    const env = { ...process.env, ...simulator.env, ...backend, PULUMI_SKIP_UPDATE_CHECK: "1" };
    const pulumi = (...args) => promisify(execFile)("pulumi", args, { cwd, env });
    await pulumi("stack", "init", "dev");
    return (await pulumi("up", "--yes", "--skip-preview", "--non-interactive", "--color", "always")).stdout;
  } finally {
    await simulator.close();
    for (const folder of [cwd, home]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Turns a line into parts of one color each: `\u001b[38;5;2m` sets color 2, and `\u001b[0m` ends it. */
function partsOf(line) {
  let color = "text";
  return line.split(/(\u001b\[[\d;]*m)/).flatMap((part) => {
    const [, codes] = /^\u001b\[([\d;]*)m$/.exec(part) ?? [];
    if (codes === undefined) return part === "" ? [] : [{ color, text: part }];
    if (codes !== "1") color = codes.split(";")[2] ?? "text";
    return [];
  });
}

function draw(lines, theme) {
  const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const className = (color) => (color in theme && color !== "text" ? ` class="c${color}"` : "");
  const rows = lines.map((line, index) => {
    const parts = partsOf(line).map(({ color, text }) => `<tspan${className(color)}>${escape(text)}</tspan>`);
    const y = padding + (index + 0.75) * lineHeight;
    return `<text x="${padding}" y="${y}" style="animation-delay:${(index * secondsPerLine).toFixed(2)}s">${parts.join("")}</text>`;
  });
  const height = 2 * padding + lines.length * lineHeight;
  const colors = Object.entries(theme).filter(([name]) => /^\d/.test(name));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">
<title>pulumi up creates a warm pool and waits until it is ready</title>
<style>
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:${theme.text};animation:show 1ms both}
${colors.map(([name, color]) => `.c${name}{fill:${color}}`).join("\n")}
@keyframes show{from{opacity:0}}
@media (prefers-reduced-motion){text{animation:none}}
</style>
<rect width="100%" height="100%" rx="8" fill="${theme.back}"/>
${rows.join("\n")}
</svg>
`;
}

// Without a terminal, the CLI prints dots that it would otherwise animate, and repeats a row for each message.
const isRepeated = (line) => /@ updating|creating \(.*warm pool/.test(line);
const printed = (await record()).split("\n").filter((line) => !isRepeated(line));
const lines = ["$ pulumi up --yes", ...printed.join("\n").trim().split("\n")];
mkdirSync(join(root, "docs", "images"), { recursive: true });
for (const [name, theme] of Object.entries(themes))
  writeFileSync(join(root, "docs", "images", `up-${name}.svg`), draw(lines, theme));
