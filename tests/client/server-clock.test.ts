/** The server's time by headers with whole seconds. */
import { ServerClock } from "../../src/client/server-clock.js";
import { epoch } from "../support/fake-clock.js";

/** A clock that has read the headers of responses: each with the moment of sending, the latency, and the server's time. */
function clockAfter(...responses: readonly (readonly [sentAt: number, latency: number, serverTime: number])[]) {
  const clock = new ServerClock();
  for (const [sentAt, latency, serverTime] of responses)
    clock.note(new Date(serverTime).toUTCString(), sentAt, sentAt + latency);
  return clock;
}

test("the server's time is early by a second and the latency at most, and never late", () => {
  const clock = clockAfter([100, 50, epoch + 900]);
  expect(clock.at(150)).toBe(epoch);
  expect(clock.errorAt(150)).toBe(1_050);
});

test("the tick between two responses makes the server's time precise", () => {
  // The server's clock is 700 ms ahead of ours.
  const clock = clockAfter(...[0, 250, 500].map((sentAt) => [sentAt, 10, epoch + sentAt + 710] as const));
  expect(clock.errorAt(0)).toBeLessThanOrEqual(260);
  const error = epoch + 700 - (clock.at(0) ?? NaN);
  expect(error).toBeGreaterThanOrEqual(0);
  expect(error).toBeLessThanOrEqual(260);
});

test("only responses to requests since a moment tell its time, and the newest one where there are none", () => {
  const clock = clockAfter([0, 10, epoch + 1_000], [5_000, 10, epoch + 5_000]);
  expect(clock.at(5_000)).toBe(epoch + 4_990);
  expect(clock.at(9_000)).toBe(epoch + 8_990);
});

test("a year without four digits tells nothing, since later times would be invalid", () => {
  const clock = clockAfter([0, 10, 8.64e15], [0, 10, -8.64e15]);
  expect(clock.at(5_000)).toBeUndefined();
});

test("of responses that contradict each other, the newest counts", () => {
  const clock = clockAfter([0, 0, epoch], [500, 0, epoch - 86_400_000]);
  expect(clock.at(0)).toBe(epoch - 86_400_000 - 500);
  expect(clock.errorAt(0)).toBe(1_000);
});
