/** `npm run bench [TEXT]`: prints the figures as one table, writes them to .cache/bench.json, and exits with 1 where a target is missed. TEXT chooses rows by their name. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareConsumer } from "../support/consumer";
import { rows as callRows } from "./calls";
import { rows as cycleRows } from "./cycle";
import { rows as startRows } from "./first-check";
import type { Measured, Row } from "./row";
import { rows as simulatorRows } from "./simulator";

const chosen = process.argv[2] ?? "";
const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

async function main(): Promise<void> {
  process.env["PULUMI_ONA_CONSUMER"] = prepareConsumer();
  const rows: Row[] = [...callRows, ...startRows, ...cycleRows, ...simulatorRows].filter(({ figure }) =>
    figure.includes(chosen),
  );
  const results: ({ figure: string; target: string } & Measured)[] = [];
  for (const row of rows) {
    process.stderr.write(`measuring: ${row.figure}\n`);
    results.push({ figure: row.figure, target: row.target, ...(await row.measure()) });
  }
  const cells = results.map((row) => [
    row.figure,
    number(row.ours),
    number(row.floor),
    number(row.ratio),
    row.target,
    row.spread.map(number).join(" to "),
    row.ok ? "met" : "MISSED",
  ]);
  const table = [["figure", "ours", "floor", "ratio", "target", "spread", ""], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  writeFileSync(join(__dirname, "../../.cache/bench.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

void main();
