// NODE_OPTIONS loads this into program and provider. Waits take no time: they advance the simulator's clock instead.
// It replaces only timers/promises.setTimeout, Date and performance.now. Node can run it directly by stripping its
// types.
{
  type Listener = (message: unknown, name: string | symbol) => void;
  interface Sleeper {
    readonly due: number;
    readonly order: number;
    readonly wake: () => void;
  }

  const http = process.getBuiltinModule("node:http");
  const { subscribe } = process.getBuiltinModule("node:diagnostics_channel");
  const timers = process.getBuiltinModule("node:timers/promises");
  const url = process.env["PULUMI_ONA_CLOCK_URL"];
  /** A response body without data for this time counts as silent, in real milliseconds. */
  const silenceMs = 100;
  /**
   * How long the elapsed time stands still while this process works, as the simulator's clock does, in milliseconds.
   * After that it runs, so that a program that polls it does not hang.
   */
  const stillMs = 10_000;

  if (url !== undefined && url !== "") install();

  function install(): void {
    const realNow = Date.now.bind(Date);
    const realPerformanceNow = performance.now.bind(performance);
    const realSleep = timers.setTimeout;
    const RealDate = Date;
    const sleepers: Sleeper[] = [];
    let ahead = 0;
    /** The elapsed time at the last move, and when that was. */
    let moved = realPerformanceNow();
    let movedAt = moved;
    /** The elapsed time that the simulator already knows. */
    let reported = 0;
    /** Requests without a complete response. */
    const inFlight = new Set<object>();
    let order = 0;
    let checking = false;
    /** Counts the reasons to check. A new reason during a check restarts it. */
    let checks = 0;
    let synchronized = false;
    let fetched: Promise<void> | undefined;

    const virtualNow = (): number => realNow() + ahead;

    /** Adjusts to the simulator's clock, which never goes back. */
    const follow = (now: number): void => {
      const forward = now - virtualNow();
      // Only the first adjustment may go back.
      if (!synchronized || forward > 0) ahead += forward;
      synchronized = true;
    };

    const post = (advance: number): Promise<void> =>
      new Promise((resolve) => {
        const request = http.request(
          process.env["PULUMI_ONA_CLOCK_URL"] ?? "",
          { method: "POST", headers: { "content-type": "application/json" }, agent: false },
          (response) => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => (text += chunk));
            response.on("end", () => {
              const answer: unknown = response.statusCode === 200 ? JSON.parse(text) : undefined;
              if (typeof answer === "object" && answer !== null && "now" in answer && typeof answer.now === "number") {
                follow(answer.now);
              }
              resolve();
            });
          },
        );
        // Without a simulator, time passes as on this machine.
        request.on("error", () => resolve());
        request.end(JSON.stringify({ advance }));
      });

    const on = (event: string, handle: (request: { readonly method?: unknown }) => void): void => {
      const listener: Listener = (message) => {
        if (typeof message !== "object" || message === null || !("request" in message)) return;
        if (typeof message.request === "object" && message.request !== null) handle(message.request);
      };
      subscribe(`undici:request:${event}`, listener);
    };
    const settled = (request: object): void => {
      inFlight.delete(request);
      if (inFlight.size === 0) schedule();
    };
    /** A response body may be a live log that ends only later. Time does not wait for it while it is silent. */
    const silences = new WeakMap<object, NodeJS.Timeout>();
    const onBody = (request: { readonly method?: unknown }): void => {
      if (request.method !== "GET") return;
      inFlight.add(request);
      clearTimeout(silences.get(request));
      const silence = setTimeout(() => {
        // Data may have come while this process had no processor.
        turns(2, () => silences.get(request) === silence && settled(request));
      }, silenceMs).unref();
      silences.set(request, silence);
    };
    on("create", (request) => inFlight.add(request));
    on("headers", onBody);
    on("bodyChunkReceived", onBody);
    for (const event of ["trailers", "error"]) {
      on(event, (request) => {
        clearTimeout(silences.get(request));
        settled(request);
      });
    }

    /** Checks, after a few turns of the event loop, whether this process is only waiting. */
    function schedule(): void {
      const check = ++checks;
      if (checking || sleepers.length === 0) return;
      checking = true;
      turns(4, () => {
        checking = false;
        // Something ended during the check, and its consequences may take as long.
        if (check !== checks) schedule();
        else if (inFlight.size === 0) void jump();
      });
    }

    function turns(left: number, then: () => void): void {
      setImmediate(() => (left === 0 ? then() : turns(left - 1, then)));
    }

    async function jump(): Promise<void> {
      const next = earliest();
      if (next === undefined || checking) return;
      checking = true;
      const at = elapsed();
      const advance = Math.max(0, Math.ceil(next.due - at));
      if (advance > 0) {
        // The simulator's clock does not advance while this process works, so add that time too.
        await post(advance + Math.ceil(at - reported));
        reported = at + advance;
        moveTo(reported);
      }
      checking = false;
      if (sleepers.includes(next)) next.wake();
      schedule();
    }

    function elapsed(): number {
      return moved + Math.max(0, realPerformanceNow() - movedAt - stillMs);
    }

    function moveTo(time: number): void {
      moved = Math.max(time, elapsed());
      movedAt = realPerformanceNow();
    }

    function earliest(): Sleeper | undefined {
      return sleepers.toSorted((a, b) => a.due - b.due || a.order - b.order)[0];
    }

    async function sleep<T>(delay = 1, value?: T, options?: Parameters<typeof realSleep>[2]): Promise<T> {
      if (fetched === undefined) {
        reported = elapsed();
        fetched = post(0);
      }
      await fetched;
      const woken = new AbortController();
      const signal = options?.signal === undefined ? woken.signal : AbortSignal.any([woken.signal, options.signal]);
      const sleeper: Sleeper = { due: elapsed() + delay, order: order++, wake: () => woken.abort() };
      sleepers.push(sleeper);
      schedule();
      try {
        await realSleep(delay, undefined, { ...options, signal });
        // A request took longer than this.
        moveTo(sleeper.due);
      } catch (error) {
        if (!woken.signal.aborted) throw error;
      } finally {
        sleepers.splice(sleepers.indexOf(sleeper), 1);
      }
      return value as T;
    }

    /** The next script of a reused process may have another simulator. */
    process.on("pulumi-ona:script", () => {
      ahead = 0;
      synchronized = false;
      fetched = undefined;
      inFlight.clear();
      sleepers.length = 0;
    });

    Object.defineProperty(timers, "setTimeout", { value: sleep, configurable: true, writable: true });
    process.getBuiltinModule("node:module").syncBuiltinESMExports();
    Object.defineProperty(performance, "now", { value: elapsed, configurable: true, writable: true });
    const VirtualDate = new Proxy(RealDate, {
      construct: (target, args: unknown[], newTarget) =>
        Reflect.construct(target, args.length === 0 ? [virtualNow()] : args, newTarget) as object,
      apply: () => new RealDate(virtualNow()).toString(),
      get: (target, key, receiver) => (key === "now" ? virtualNow : (Reflect.get(target, key, receiver) as unknown)),
    });
    Object.defineProperty(globalThis, "Date", { value: VirtualDate, configurable: true, writable: true });
  }
}
