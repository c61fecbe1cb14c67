/** Renders a status as lines of text that fit a terminal. */
import { cut, sanitize } from "../../util/text.js";
import { timeOf } from "../account.js";
import { formatAge, formatCount, formatTable, widthOf } from "../format.js";
import type { Palette } from "../terminal.js";
import type { AccountStatus, PoolStatus } from "./account-status.js";

export interface Canvas {
  readonly palette: Palette;
  readonly unicode: boolean;
  /** The terminal's columns. Default: no limit. */
  readonly width?: number | undefined;
  /** The maximum number of lines. Default: no limit. */
  readonly height?: number | undefined;
}

/** How much of a status is shown. */
interface Layout {
  readonly columns: readonly string[];
  /** Whether ids are shown in full, or their first eight characters. */
  readonly fullIds: boolean;
  /** The cells of the longest bar. Pools have up to 20 instances (`WarmPoolSpec.max_size`). */
  readonly maxBar: number;
}

const allColumns = ["POOL", "PROJECT", "CLASS", "PHASE", "INSTANCES", "RUN/STOP/WANT", "SNAPSHOT", "PREBUILDS"];

/** From widest to narrowest. The first one that fits is used, or else the last one. */
const layouts: readonly Layout[] = [
  { columns: allColumns, fullIds: true, maxBar: 20 },
  { columns: allColumns, fullIds: false, maxBar: 20 },
  ...[
    allColumns,
    ["POOL", "PHASE", "INSTANCES", "RUN/STOP/WANT", "SNAPSHOT", "PREBUILDS"],
    ["POOL", "PHASE", "INSTANCES", "SNAPSHOT", "PREBUILDS"],
    ["POOL", "PHASE", "INSTANCES", "SNAPSHOT"],
    ["POOL", "PHASE", "INSTANCES"],
    ["POOL", "PHASE"],
  ].map((columns) => ({ columns, fullIds: false, maxBar: 10 })),
];

export function render(status: AccountStatus, canvas: Canvas): string[] {
  const { palette, width = Infinity } = canvas;
  const { connection, warmPools, prebuildsRunning, checkedAt } = status;
  const account = connection === undefined ? "" : `${sanitize(connection)}: `;
  const title = `${account}${formatCount(warmPools.length, "warm pool")}, ${formatCount(prebuildsRunning, "prebuild")} in progress`;
  const time = checkedAt.replace(/\.\d+Z$/, "Z");
  const header =
    title.length + time.length + 2 <= width
      ? `${palette.bold(title)}  ${palette.dim(time)}`
      : palette.bold(clip(title, width));
  if (warmPools.length === 0) return [header];
  let table = "";
  for (const layout of layouts) {
    table = renderTable(status, layout, canvas);
    if (widthOf(table) <= width) break;
  }
  const messages = warmPools.flatMap(({ id, failureMessage }) =>
    failureMessage === undefined ? [] : [palette.red(clip(sanitize(`${cut(id, 8)}: ${failureMessage}`), width))],
  );
  const lines = [header, "", ...table.split("\n"), ...(messages.length === 0 ? [] : ["", ...messages])];
  return fitHeight(lines, canvas);
}

function renderTable({ warmPools, checkedAt }: AccountStatus, layout: Layout, canvas: Canvas): string {
  const { palette } = canvas;
  const now = timeOf(checkedAt) ?? 0;
  const id = (full: string) => sanitize(layout.fullIds ? full : cut(full, 8));
  const rows = warmPools.map((pool) => {
    const cells: Readonly<Record<string, string>> = {
      POOL: id(pool.id),
      PROJECT: id(pool.projectId),
      CLASS: id(pool.environmentClassId),
      PHASE: colorOfPhase(pool.phase, palette)(sanitize(pool.phase)),
      INSTANCES: renderBar(pool, layout.maxBar, canvas),
      "RUN/STOP/WANT": `${pool.runningInstances}/${pool.stoppedInstances}/${pool.desiredSize}`,
      SNAPSHOT: renderSnapshot(pool, now, palette),
      PREBUILDS: renderPrebuilds(pool, palette),
    };
    return layout.columns.map((column) => cells[column] ?? "");
  });
  return formatTable([layout.columns.map((column) => palette.dim(column)), ...rows]);
}

/**
 * `[█│█▒·] 1-4`: one cell per instance that exists or may exist, with a mark at the minimum size. Instances beyond the
 * maximum size, which exist while instances are replaced, are drawn too.
 * @param maxCells a longer bar is scaled down to this
 */
export function renderBar(pool: PoolStatus, maxCells: number, { unicode, palette }: Canvas): string {
  const { runningInstances: running, stoppedInstances: stopped, minSize, maxSize } = pool;
  const [full, shaded, dot, mark] = unicode ? ["█", "▒", "·", "│"] : ["#", "=", ".", "|"];
  const total = Math.max(maxSize ?? 0, running + stopped);
  const scale = (size: number) => Math.round(size * Math.min(1, maxCells / Math.max(1, total)));
  const cells = Array.from({ length: scale(total) }, (_, index) => {
    if (index < scale(running)) return palette.green(full);
    return index < scale(running + stopped) ? palette.cyan(shaded) : palette.dim(dot);
  });
  cells.splice(scale(minSize ?? 0), 0, palette.bold(mark));
  return `[${cells.join("")}] ${minSize ?? "?"}-${maxSize ?? "?"}`;
}

function renderSnapshot({ snapshotId, snapshotAt }: PoolStatus, now: number, palette: Palette): string {
  if (snapshotId === undefined) return palette.yellow("none");
  const time = timeOf(snapshotAt);
  return time === undefined ? "age unknown" : formatAge(now - time);
}

function renderPrebuilds({ prebuildsRunning, newestPrebuild }: PoolStatus, palette: Palette): string {
  const running = prebuildsRunning === 0 ? [] : [palette.cyan(`${prebuildsRunning} in progress`)];
  const newest = newestPrebuild === undefined ? [] : [palette.red(`last ${newestPrebuild}`)];
  return [...running, ...newest].join(", ") || "-";
}

function colorOfPhase(phase: string, palette: Palette): (text: string) => string {
  const colors = new Map([
    ["READY", palette.green],
    ["PENDING", palette.yellow],
    ["DEGRADED", palette.red],
    ["DELETING", palette.magenta],
  ]);
  return colors.get(phase) ?? String;
}

/** Limits the number of lines: empty lines go first, then messages, then pools. */
function fitHeight(lines: readonly string[], { height = Infinity, width, palette }: Canvas): string[] {
  if (lines.length <= height) return [...lines];
  const dense = lines.filter((line) => line !== "");
  if (dense.length <= height) return dense;
  const shown = Math.max(1, height - 1);
  return [...dense.slice(0, shown), palette.dim(clip(`and ${formatCount(dense.length - shown, "more line")}`, width))];
}

/** Cuts a line to a width. */
function clip(line: string, width = Infinity): string {
  if (widthOf(line) <= width) return line;
  let start = "";
  for (const character of line) {
    if (widthOf(start + character) > width - 3) break;
    start += character;
  }
  return `${start}...`;
}
