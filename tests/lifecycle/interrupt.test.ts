/** The time budget of an interrupted create. */
import {
  exitTimeoutMs,
  killTimeoutMs,
  responseTimeoutMs,
  undoTimeoutMs,
  urgentSearchTimeoutMs,
} from "../../src/lifecycle/interrupt.js";

test("an interrupted create finishes before the process exits, and the process exits before the engine kills it", () => {
  expect(responseTimeoutMs + urgentSearchTimeoutMs + undoTimeoutMs).toBeLessThan(exitTimeoutMs);
  expect(exitTimeoutMs).toBeLessThan(killTimeoutMs);
});
