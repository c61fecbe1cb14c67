// What a prebuild logs: pure functions of its timings and outcome.
import type { Outcome, Timings } from "./phase-schedule.js";

export interface LogLine {
  /** Milliseconds after the prebuild's creation. */
  at: number;
  text: string;
}

/** The lines of a run: the given text over the time that its tasks run, or what a run logs by itself. */
export function runLog(timings: Timings, outcome: Outcome, text: string | undefined): LogLine[] {
  const start = timings.prebuildPending + timings.prebuildStarting;
  const lines = (text ?? usualText(outcome))
    .split("\n")
    .filter((line, index, all) => line !== "" || index < all.length - 1);
  const gap = timings.prebuildRunning / lines.length;
  return lines.map((line, index) => ({ at: start + Math.floor(index * gap), text: line }));
}

/** Lines that are all logged at one moment. */
export function linesOf(text: string, at: number): LogLine[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => ({ at, text: line }));
}

/** The text logged until a moment. */
export function logSoFar(lines: LogLine[], age: number): string {
  const due = lines.filter((line) => line.at <= age);
  return due.map((line) => `${line.text}\n`).join("");
}

function usualText(outcome: Outcome): string {
  const begun = [
    "Starting the prebuild environment",
    "Cloning the repository",
    "Building the dev container",
    "Running the prebuild tasks",
  ];
  if (outcome.end === "completed") return [...begun, "Prebuild tasks done"].join("\n");
  if (outcome.end === "cancelled") return begun.join("\n");
  return [...begun, `error: ${outcome.message ?? "the prebuild task failed"}`].join("\n");
}
