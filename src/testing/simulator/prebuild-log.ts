/** What a prebuild logs, as pure functions of its timings and outcome. */
import type { Outcome, Timings } from "./phase-schedule.js";

export interface LogLine {
  /** Milliseconds after the prebuild's creation. */
  at: number;
  text: string;
}

/** The lines of a run, spread over the time in which its tasks run. Without `text`, the default log of the outcome. */
export function runLog(timings: Timings, outcome: Outcome, text: string | undefined): LogLine[] {
  const start = timings.prebuildPending + timings.prebuildStarting;
  const lines = (text ?? defaultLog(outcome))
    .split("\n")
    .filter((line, index, all) => line !== "" || index < all.length - 1);
  const gap = timings.prebuildRunning / lines.length;
  return lines.map((line, index) => ({ at: start + Math.floor(index * gap), text: line }));
}

/** Lines that are all logged at the same moment. */
export function linesAt(at: number, text: string): LogLine[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => ({ at, text: line }));
}

/** The log of a prebuild of the given age in milliseconds. */
export function logSoFar(lines: LogLine[], age: number): string {
  const due = lines.filter((line) => line.at <= age);
  return due.map((line) => `${line.text}\n`).join("");
}

function defaultLog(outcome: Outcome): string {
  const tasks = [
    "Starting the prebuild environment",
    "Cloning the repository",
    "Building the dev container",
    "Running the prebuild tasks",
  ];
  if (outcome.end === "completed") return [...tasks, "Prebuild tasks done"].join("\n");
  if (outcome.end === "cancelled") return tasks.join("\n");
  return [...tasks, `error: ${outcome.message ?? "the prebuild task failed"}`].join("\n");
}
