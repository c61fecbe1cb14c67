/** `npm run bench [TEXT]`: prints a table, writes it to .cache/bench.json, and exits with 1 if a target is missed. TEXT selects rows by name. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareConsumer } from "../tests/support/consumer.js";
import { rows as callRows } from "./call-counts.js";
import { rows as checkRows } from "./check-diff.js";
import { rows as cycleRows } from "./engine-overhead.js";
import { rows as detectionRows } from "./phase-detection.js";
import { rows as startRows } from "./first-check.js";
import { rows as growthRows } from "./growth.js";
import { rows as http2Rows } from "./http2.js";
import { rows as pluginRows } from "./plugin.js";
import { rows as programRows } from "./program-and-state.js";
import { rows as refreshRows } from "./refresh.js";
import type { Measured, Row, Target } from "./measure.js";
import { rows as simulatorRows } from "./simulator-throughput.js";
import { rows as upRows } from "./create-latency.js";

const selection = process.argv[2] ?? "";
/** An operation on many pools may print the same error many times. */
const maxErrorLines = 10;
const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

interface Result extends Measured {
  readonly figure: string;
  readonly target: Target;
  /** Why the measurement failed. */
  readonly error?: string;
}

async function main(): Promise<void> {
  process.env["PULUMI_ONA_CONSUMER"] = prepareConsumer();
  const rows = [
    ...programRows,
    ...startRows,
    ...pluginRows,
    ...checkRows,
    ...upRows,
    ...callRows,
    ...refreshRows,
    ...detectionRows,
    ...growthRows,
    ...http2Rows,
    ...cycleRows,
    ...simulatorRows,
  ];
  const results: Result[] = [];
  for (const row of rows.filter(({ figure }) => figure.includes(selection))) {
    const startedAt = performance.now();
    process.stderr.write(`measuring: ${row.figure}`);
    const result = { figure: row.figure, target: row.target, ...(await measured(row)) };
    results.push(result);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    process.stderr.write(`: ${number(result.ratio)}${result.ok ? "" : ", MISSED"} (${seconds} s)\n`);
  }
  const cells = results.map((row) => [
    row.figure,
    number(row.ours),
    number(row.floor),
    number(row.ratio),
    `${row.target.kind} ${row.target.value}`,
    row.spread.map(number).join(" to "),
    row.ok ? "met" : row.error === undefined ? "MISSED" : `MISSED: ${row.error}`,
  ]);
  const table = [["measurement", "ours", "floor", "ratio", "target", "spread", ""], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  writeFileSync(join(__dirname, "../.cache/bench.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** A row that can't be measured counts as missed and shows the reason. */
async function measured(row: Row): Promise<Measured & { error?: string }> {
  try {
    return await row.measure(row.target);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`\n${message.split("\n").slice(0, maxErrorLines).join("\n")}\n`);
    return { ours: NaN, floor: NaN, ratio: NaN, ok: false, spread: [NaN, NaN], error: message.split("\n", 1)[0] ?? "" };
  }
}

void main();
