/** Renders a status as lines of text that fit a terminal. */
import { cut, sanitize } from "../../util/text.js";
import { timeOf } from "../account.js";
import { clip, formatAge, formatCount, formatTable, widthOf } from "../format.js";
import { formatLabel, type Label, labelPairs } from "../names.js";
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
  /** To how many columns names may be cut. Default: not at all. */
  readonly minName?: number;
  /** Whether ids are shown in full, or their first eight characters. */
  readonly fullIds: boolean;
  /** The cells of the longest bar. Pools have up to 20 instances (`WarmPoolSpec.max_size`). */
  readonly maxBar: number;
}

const nameColumns = ["PROJECT", "CLASS"];
const allColumns = ["POOL", "PROJECT", "CLASS", "PHASE", "INSTANCES", "RUN/STOP/WANT", "SNAPSHOT", "PREBUILDS"];
const namesFirst = [...allColumns.slice(1), "POOL"];

/** From widest to narrowest. The first one that fits is used, or else the last one. */
const layoutsOfIds: readonly Layout[] = [
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

/** With names, which identify a pool. They are cut before a column is left out. */
const layoutsOfNames: readonly Layout[] = [
  { columns: namesFirst, fullIds: true, maxBar: 20 },
  { columns: namesFirst, fullIds: false, maxBar: 20 },
  ...[
    namesFirst,
    ["PROJECT", "CLASS", "PHASE", "INSTANCES", "RUN/STOP/WANT", "SNAPSHOT", "PREBUILDS"],
    ["PROJECT", "CLASS", "PHASE", "INSTANCES", "SNAPSHOT", "PREBUILDS"],
    ["PROJECT", "CLASS", "PHASE", "INSTANCES", "SNAPSHOT"],
    ["PROJECT", "CLASS", "PHASE", "INSTANCES"],
  ].map((columns) => ({ columns, minName: 13, fullIds: false, maxBar: 10 })),
  { columns: ["PROJECT", "CLASS", "PHASE"], minName: 0, fullIds: false, maxBar: 10 },
];

export function render(status: AccountStatus, canvas: Canvas): string[] {
  const { palette, width = Infinity } = canvas;
  const { connection, warmPools, prebuildsRunning, checkedAt } = status;
  const account = connection === undefined ? "" : `${sanitize(connection)}: `;
  const pools = `${formatCount(warmPools.length, "warm pool")}${describePhases(warmPools)}`;
  const title = `${account}${pools}, ${formatCount(prebuildsRunning, "prebuild")} in progress`;
  const time = checkedAt.replace(/\.\d+Z$/, "Z");
  const header =
    title.length + time.length + 2 <= width
      ? `${palette.bold(title)}  ${palette.dim(time)}`
      : palette.bold(clip(title, width, ellipsisOf(canvas)));
  if (warmPools.length === 0) return [header];
  const rows = toRows(warmPools);
  const hasNames = rows.some(({ labels }) => labels.some(({ isId }) => !isId));
  let table = "";
  for (const layout of hasNames ? layoutsOfNames : layoutsOfIds) {
    table = renderTable(rows, timeOf(checkedAt) ?? 0, layout, canvas);
    if (widthOf(table) <= width) break;
  }
  const ellipsis = ellipsisOf(canvas);
  const messages = rows.flatMap(({ pool: { id, failureMessage }, labels }) => {
    if (failureMessage === undefined) return [];
    const pair = labels.map((label) => formatLabel(shorten(label), width / 4, ellipsis)).join("/");
    return palette.red(clip(sanitize(`${hasNames ? pair : cut(id, 8)}: ${failureMessage}`), width, ellipsis));
  });
  const lines = [header, "", ...table.split("\n"), ...(messages.length === 0 ? [] : ["", ...messages])];
  return fitHeight(lines, canvas);
}

/** The phases of the pools that are not READY: ` (1 DEGRADED, 2 PENDING)`. Empty if all are. */
function describePhases(pools: readonly PoolStatus[]): string {
  const others = pools.map(({ phase }): string => phase).filter((phase) => phase !== "READY");
  const counts = [...new Set(others)]
    .sort()
    .map((phase) => `${others.filter((each) => each === phase).length} ${phase}`);
  return counts.length === 0 ? "" : ` (${sanitize(counts.join(", "))})`;
}

/** A pool, and what the columns PROJECT and CLASS show. */
interface Row {
  readonly pool: PoolStatus;
  readonly labels: readonly Label[];
}

/** The DEGRADED pools, then the others, each in the order of their names. Those without keep theirs. */
function toRows(pools: readonly PoolStatus[]): Row[] {
  const labelsOf = labelPairs(pools);
  const keyOf = ({ pool, labels }: Row) =>
    [pool.phase === "DEGRADED" ? 0 : 1, ...labels.map(({ text, suffix }) => text + suffix)].join("\0");
  return pools
    .map((pool) => ({ pool, labels: labelsOf(pool) }))
    .sort((a, b) => Number(keyOf(a) > keyOf(b)) - Number(keyOf(a) < keyOf(b)));
}

function renderTable(rows: readonly Row[], now: number, layout: Layout, canvas: Canvas): string {
  const { palette, width = Infinity } = canvas;
  const { columns, minName, fullIds, maxBar } = layout;
  const shown = rows.map(({ pool, labels }) => ({ pool, labels: fullIds ? labels : labels.map(shorten) }));
  const minCells = shown.reduce((most, { pool }) => Math.max(most, cellsOf(pool, maxBar)), 0);
  const format = (nameWidths: readonly number[]) => {
    const lines = shown.map(({ pool, labels }) => {
      const names = labels.map((label, index) => sanitize(formatLabel(label, nameWidths[index], ellipsisOf(canvas))));
      const cells: Readonly<Record<string, string | undefined>> = {
        POOL: sanitize(fullIds ? pool.id : cut(pool.id, 8)),
        PROJECT: names[0],
        CLASS: names[1],
        PHASE: colorOfPhase(pool.phase, palette)(sanitize(pool.phase)),
        INSTANCES: renderBar(pool, maxBar, canvas, minCells),
        "RUN/STOP/WANT": `${pool.runningInstances}/${pool.stoppedInstances}/${pool.desiredSize}`,
        SNAPSHOT: renderSnapshot(pool, now, palette),
        PREBUILDS: renderPrebuilds(pool, palette),
      };
      return columns.map((column) => cells[column] ?? "");
    });
    const titles = columns.map((column) => clip(column, nameWidths[nameColumns.indexOf(column)], ""));
    return formatTable([titles.map(palette.dim), ...lines]);
  };
  const table = format([]);
  const excess = widthOf(table) - width;
  if (excess <= 0 || minName === undefined) return table;
  const [project = 0, environmentClass = 0] = nameColumns.map((title, index) =>
    shown
      .map(({ labels }) => labels[index])
      .reduce((most, label) => Math.max(most, widthOf(`${label?.text}${label?.suffix}`)), title.length),
  );
  const room = project + environmentClass - excess;
  if (room < Math.min(project, minName) + Math.min(environmentClass, minName)) return table;
  const classWidth = Math.min(environmentClass, Math.max(Math.floor(room / 2), room - project));
  return format([room - classWidth, classWidth]);
}

/** An id cut to its first eight characters. A name stays as it is. */
function shorten(label: Label): Label {
  return label.isId ? { ...label, text: cut(label.text, 8) } : label;
}

function ellipsisOf({ unicode }: Canvas): string {
  return unicode ? "…" : "...";
}

/**
 * `[█│█▒·] 1-4`: one cell per instance that exists or may exist, with a mark at the minimum size. Instances beyond the
 * maximum size, which exist while instances are replaced, are drawn too.
 * @param maxCells a longer bar is scaled down to this
 * @param minCells a shorter bar is followed by spaces, which align the sizes
 */
export function renderBar(pool: PoolStatus, maxCells: number, { unicode, palette }: Canvas, minCells = 0): string {
  const { runningInstances: running, stoppedInstances: stopped, minSize, maxSize } = pool;
  const [full, shaded, dot, mark] = unicode ? ["█", "▒", "·", "│"] : ["#", "=", ".", "|"];
  const count = cellsOf(pool, maxCells);
  const scale = (size: number) => Math.round((size * count) / Math.max(1, cellsOf(pool)));
  const cells = Array.from({ length: count }, (_, index) => {
    if (index < scale(running)) return palette.green(full);
    return index < scale(running + stopped) ? palette.cyan(shaded) : palette.dim(dot);
  });
  cells.splice(scale(minSize ?? 0), 0, palette.bold(mark));
  return `[${cells.join("")}] ${" ".repeat(Math.max(0, minCells - count))}${minSize ?? "?"}-${maxSize ?? "?"}`;
}

/** How many instances a pool has or may have, as cells of a bar. */
function cellsOf({ maxSize = 0, runningInstances, stoppedInstances }: PoolStatus, maxCells = Infinity): number {
  return Math.min(maxCells, Math.max(maxSize, runningInstances + stoppedInstances));
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
function fitHeight(lines: readonly string[], canvas: Canvas): string[] {
  const { height = Infinity, width, palette } = canvas;
  if (lines.length <= height) return [...lines];
  const dense = lines.filter((line) => line !== "");
  if (dense.length <= height) return dense;
  const shown = Math.max(1, height - 1);
  return [
    ...dense.slice(0, shown),
    palette.dim(clip(`and ${formatCount(dense.length - shown, "more line")}`, width, ellipsisOf(canvas))),
  ];
}
