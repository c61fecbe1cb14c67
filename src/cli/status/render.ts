/** A picture as lines of text: pure, as wide and high as it may be. */
import stringWidth from "string-width";
import { sanitize } from "../../util/text.js";
import { timeOf } from "../account.js";
import { age, columns, type Palette } from "../format.js";
import { count } from "../words.js";
import type { Picture, PoolPicture } from "./account-status.js";

/** How to draw. */
export interface Canvas {
  readonly palette: Palette;
  /** Whether block characters can be shown. */
  readonly unicode: boolean;
  /** The columns of the terminal; undefined: as wide as it gets. */
  readonly width: number | undefined;
  /** The most lines; undefined: as many as it takes. */
  readonly height: number | undefined;
}

/** Columns by their headings. */
type Column = "POOL" | "PROJECT" | "CLASS" | "PHASE" | "INSTANCES" | "RUN/STOP/WANT" | "SNAPSHOT" | "PREBUILDS";

/** How much of a picture is shown. */
interface Detail {
  readonly columns: readonly Column[];
  /** Whether ids are shown whole, or their first eight characters. */
  readonly wholeIds: boolean;
  /** The most cells of a bar; pools can have 20 instances (`WarmPoolSpec.max_size`). */
  readonly longestBar: number;
}

const everything: readonly Column[] = [
  "POOL",
  "PROJECT",
  "CLASS",
  "PHASE",
  "INSTANCES",
  "RUN/STOP/WANT",
  "SNAPSHOT",
  "PREBUILDS",
];

/** From the widest to the narrowest: the first one that fits is drawn. */
const details: readonly [Detail, ...Detail[]] = [
  { columns: everything, wholeIds: true, longestBar: 20 },
  { columns: everything, wholeIds: false, longestBar: 20 },
  { columns: everything, wholeIds: false, longestBar: 10 },
  ...(
    [
      ["POOL", "PHASE", "INSTANCES", "RUN/STOP/WANT", "SNAPSHOT", "PREBUILDS"],
      ["POOL", "PHASE", "INSTANCES", "SNAPSHOT", "PREBUILDS"],
      ["POOL", "PHASE", "INSTANCES", "SNAPSHOT"],
      ["POOL", "PHASE", "INSTANCES"],
      ["POOL", "PHASE"],
    ] as const
  ).map((columns) => ({ columns, wholeIds: false, longestBar: 10 })),
];

/** The lines of a picture. */
export function draw(picture: Picture, canvas: Canvas): string[] {
  const { palette, width, height } = canvas;
  const { connection, warmPools, prebuildsRunning, checkedAt } = picture;
  const where = connection === undefined ? "" : `${sanitize(connection)}: `;
  const title = `${where}${count(warmPools.length, "warm pool")}, ${count(prebuildsRunning, "prebuild")} under way`;
  const moment = checkedAt.replace(/\.\d+Z$/, "Z");
  const head =
    title.length + moment.length + 2 <= (width ?? Infinity)
      ? `${palette.bold(title)}  ${palette.dim(moment)}`
      : palette.bold(clip(title, width));
  if (warmPools.length === 0) return [head];
  const now = timeOf(checkedAt) ?? 0;
  const [first, ...narrower] = details.map((detail) => () => table(picture, now, detail, canvas));
  let lines = first?.() ?? [];
  for (const next of narrower) {
    if (width === undefined || Math.max(...lines.map((line) => stringWidth(line))) <= width) break;
    lines = next();
  }
  const messages = warmPools.flatMap(({ id, failureMessage }) =>
    failureMessage === undefined ? [] : [message(id, failureMessage, canvas)],
  );
  return fit([head, "", ...lines], messages, height, canvas);
}

function table({ warmPools }: Picture, now: number, detail: Detail, canvas: Canvas): string[] {
  const { palette } = canvas;
  return columns(
    detail.columns.map((heading) => palette.dim(heading)),
    warmPools.map((pool) => detail.columns.map((column) => cell(column, pool, now, detail, canvas))),
  ).split("\n");
}

function cell(column: Column, pool: PoolPicture, now: number, detail: Detail, canvas: Canvas): string {
  const { palette } = canvas;
  const id = (whole: string) => sanitize(detail.wholeIds ? whole : whole.slice(0, 8));
  switch (column) {
    case "POOL":
      return id(pool.id);
    case "PROJECT":
      return id(pool.projectId);
    case "CLASS":
      return id(pool.environmentClassId);
    case "PHASE":
      return phaseColour(pool.phase, palette)(sanitize(pool.phase));
    case "INSTANCES":
      return drawBar(pool, detail.longestBar, canvas);
    case "RUN/STOP/WANT":
      return `${pool.runningInstances}/${pool.stoppedInstances}/${pool.desiredSize}`;
    case "SNAPSHOT":
      return snapshot(pool, now, palette);
    case "PREBUILDS":
      return prebuilds(pool, palette);
  }
}

/**
 * `[█│█▒·] 1-4`: a cell for each instance that there is or may be, and a mark after the least number.
 * What runs beyond the maximum (while instances are exchanged) is drawn too.
 * @param longest the most cells; a longer bar is drawn to scale
 */
export function drawBar(
  pool: PoolPicture,
  longest: number,
  { unicode, palette }: Pick<Canvas, "unicode" | "palette">,
): string {
  const { runningInstances: running, stoppedInstances: stopped, minSize = 0, maxSize = 0 } = pool;
  const [full, shaded, empty, mark] = unicode ? ["█", "▒", "·", "│"] : ["#", "=", ".", "|"];
  const most = Math.max(maxSize, running + stopped);
  const scaled = (size: number) => Math.round(size * Math.min(1, longest / Math.max(1, most)));
  const bar = Array.from({ length: scaled(most) }, (_, place) => {
    if (place < scaled(running)) return palette.green(full);
    return place < scaled(running + stopped) ? palette.cyan(shaded) : palette.dim(empty);
  });
  bar.splice(scaled(minSize), 0, palette.bold(mark));
  const { minSize: from = "?", maxSize: to = "?" } = pool;
  return `[${bar.join("")}] ${from}-${to}`;
}

function snapshot({ snapshotId, snapshotAt }: PoolPicture, now: number, palette: Palette): string {
  if (snapshotId === undefined) return palette.yellow("none");
  const at = timeOf(snapshotAt);
  return at === undefined ? "age unknown" : age(now - at);
}

function prebuilds({ prebuildsRunning, newestPrebuild }: PoolPicture, palette: Palette): string {
  const running = prebuildsRunning === 0 ? [] : [palette.cyan(`${prebuildsRunning} under way`)];
  const last = newestPrebuild === undefined ? [] : [palette.red(`last ${newestPrebuild}`)];
  return [...running, ...last].join(", ") || "-";
}

function phaseColour(phase: string, palette: Palette): (text: string) => string {
  switch (phase) {
    case "READY":
      return palette.green;
    case "PENDING":
      return palette.yellow;
    case "DEGRADED":
      return palette.red;
    case "DELETING":
      return palette.magenta;
    default:
      return String;
  }
}

function message(id: string, text: string, { palette, width }: Canvas): string {
  return palette.red(clip(sanitize(`${id.slice(0, 8)}: ${text}`), width));
}

/** Lines that are not higher than the terminal: first space gives way, then messages, then pools. */
function fit(
  table: readonly string[],
  messages: readonly string[],
  height: number | undefined,
  { palette, width }: Canvas,
): string[] {
  const whole = messages.length === 0 ? [...table] : [...table, "", ...messages];
  if (height === undefined || whole.length <= height) return whole;
  const dense = whole.filter((line) => line !== "");
  if (dense.length <= height) return dense;
  const shown = Math.max(1, height - 1);
  return [...dense.slice(0, shown), palette.dim(clip(`and ${count(dense.length - shown, "line")} more`, width))];
}

/** A line that does not run over the edge. */
function clip(line: string, width = Infinity): string {
  return stringWidth(line) <= width ? line : `${line.slice(0, Math.max(0, width - 3))}...`;
}
