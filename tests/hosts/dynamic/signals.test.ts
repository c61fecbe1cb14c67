import { EventEmitter } from "node:events";
import { CreateGuard, type Interruptible } from "../../../src/hosts/dynamic/signals.js";

/** A process that can be told to exit. */
class Process extends EventEmitter implements Interruptible {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
  get listeners_(): number {
    return this.eventNames().length;
  }
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A create that the test finishes, and its signal. */
function controlled() {
  const ending = Promise.withResolvers<string>();
  let signal: AbortSignal | undefined;
  return {
    ...ending,
    create: (interrupt: AbortSignal) => {
      signal = interrupt;
      return ending.promise;
    },
    interrupted: () => signal?.aborted,
  };
}

const turn = () => jest.advanceTimersByTimeAsync(0);

test("listens to signals only while a create runs, so that other commands exit at once", async () => {
  const process = new Process();
  const guard = new CreateGuard(process);
  expect(process.listeners_).toBe(0);
  const [first, second] = [controlled(), controlled()];
  const runs = [guard.run(first.create), guard.run(second.create)];
  expect(process.listeners_).toBe(3);
  first.resolve("a");
  await turn();
  expect(process.listeners_).toBe(3);
  second.reject(new Error("b"));
  await expect(runs[0]).resolves.toBe("a");
  await expect(runs[1]).rejects.toThrow("b");
  expect(process.listeners_).toBe(0);
  expect(process.exits).toEqual([]);
});

test.each(["SIGINT", "SIGTERM", "SIGBREAK"])(
  "interrupts every create on %s and exits when all have finished",
  async (name) => {
    const process = new Process();
    const guard = new CreateGuard(process);
    const [first, second] = [controlled(), controlled()];
    const runs = [guard.run(first.create), guard.run(second.create)];
    expect([first.interrupted(), second.interrupted()]).toEqual([false, false]);
    process.emit(name);
    expect([first.interrupted(), second.interrupted()]).toEqual([true, true]);
    first.reject(new Error("undone"));
    await expect(runs[0]).rejects.toThrow("undone");
    expect(process.exits).toEqual([]);
    second.resolve("late");
    await runs[1];
    await turn();
    expect(process.exits).toEqual([130]);
  },
);

test("exits before the engine kills the process after 5 s, even if a create does not finish", async () => {
  const process = new Process();
  const run = new CreateGuard(process).run(controlled().create);
  run.catch(() => undefined);
  process.emit("SIGINT");
  await jest.advanceTimersByTimeAsync(4_699);
  expect(process.exits).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(process.exits).toEqual([130]);
});

test("waits for running creates after a second signal, too", async () => {
  const process = new Process();
  const slow = controlled();
  const run = new CreateGuard(process).run(slow.create);
  process.emit("SIGINT");
  process.emit("SIGINT");
  process.emit("SIGTERM");
  await turn();
  expect(process.exits).toEqual([]);
  slow.resolve("done");
  await run;
  await turn();
  expect(process.exits).toEqual([130]);
});

test("interrupts a create that starts after the signal at once", async () => {
  const process = new Process();
  const guard = new CreateGuard(process);
  const [first, second] = [controlled(), controlled()];
  const runs = [guard.run(first.create)];
  process.emit("SIGINT");
  runs.push(guard.run(second.create));
  expect(second.interrupted()).toBe(true);
  first.resolve("a");
  second.resolve("b");
  await Promise.all(runs);
});
