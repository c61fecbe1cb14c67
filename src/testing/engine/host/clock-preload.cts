// Loaded into program and provider by NODE_OPTIONS when PULUMI_ONA_CLOCK_URL is set: waits take no time, the simulator's
// clock goes ahead instead. It is plain enough to run as it stands, types stripped, and replaces no more than
// timers/promises.setTimeout, Date and performance.now.
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
  /** After so many real milliseconds without a word a text that is read counts as silent. */
  const silence = 100;

  if (url !== undefined && url !== "") install(url);

  function install(clockUrl: string): void {
    const realNow = Date.now.bind(Date);
    const realPerformanceNow = performance.now.bind(performance);
    const realSleep = timers.setTimeout;
    const RealDate = Date;
    const sleepers: Sleeper[] = [];
    let ahead = 0;
    let jumped = 0;
    /** The moment, as sleepers see time, up to which the simulator's clock has been told. */
    let told = 0;
    /** Requests whose answers are on their way. */
    const inFlight = new Set<object>();
    let order = 0;
    let checking = false;
    /** Counts the reasons to look, so that one that comes in the middle of a look begins it anew. */
    let looks = 0;
    let synchronised = false;
    let fetched: Promise<void> | undefined;

    const virtualNow = (): number => realNow() + ahead;

    /** Follows the simulator's clock, which never goes backwards. */
    const follow = (now: number): void => {
      const forward = now - virtualNow();
      // The first answer may well be in the past of this machine; from then on time only goes ahead.
      if (!synchronised || forward > 0) ahead += forward;
      synchronised = true;
    };

    const post = (advance: number): Promise<void> =>
      new Promise((resolve) => {
        const request = http.request(
          clockUrl,
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
        // Without a simulator time simply goes on as it does on this machine.
        request.on("error", () => resolve());
        request.end(JSON.stringify({ advance }));
      });

    const on = (event: string, hear: (request: { readonly method?: unknown }) => void): void => {
      const listener: Listener = (message) => {
        if (typeof message !== "object" || message === null || !("request" in message)) return;
        if (typeof message.request === "object" && message.request !== null) hear(message.request);
      };
      subscribe(`undici:request:${event}`, listener);
    };
    const settled = (request: object): void => {
      inFlight.delete(request);
      if (inFlight.size === 0) schedule();
    };
    /** A text that is read may be a live one, which ends when the time has come: once it is silent it is not waited for. */
    const silences = new WeakMap<object, NodeJS.Timeout>();
    const hearText = (request: { readonly method?: unknown }): void => {
      if (request.method !== "GET") return;
      inFlight.add(request);
      clearTimeout(silences.get(request));
      silences.set(request, setTimeout(settled, silence, request).unref());
    };
    on("create", (request) => inFlight.add(request));
    on("headers", hearText);
    on("bodyChunkReceived", hearText);
    for (const event of ["trailers", "error"]) {
      on(event, (request) => {
        clearTimeout(silences.get(request));
        settled(request);
      });
    }

    /** Looks, after a few turns of the loop, whether all that is left to do is to wait. */
    function schedule(): void {
      const look = ++looks;
      if (checking || sleepers.length === 0) return;
      checking = true;
      turns(4, () => {
        checking = false;
        // Something ended in the middle of it, and what follows from that may take as long.
        if (look !== looks) schedule();
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
        // The simulator's clock stands still while this process works, so it is told of that time too.
        await post(advance + Math.ceil(at - told));
        jumped += advance;
        told = at + advance;
      }
      checking = false;
      if (sleepers.includes(next)) next.wake();
      schedule();
    }

    /** Time as sleepers see it: that of the machine and all jumps. */
    function elapsed(): number {
      return realPerformanceNow() + jumped;
    }

    function earliest(): Sleeper | undefined {
      return sleepers.toSorted((a, b) => a.due - b.due || a.order - b.order)[0];
    }

    async function sleep<T>(delay = 1, value?: T, options?: Parameters<typeof realSleep>[2]): Promise<T> {
      if (fetched === undefined) {
        told = elapsed();
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
      } catch (error) {
        if (!woken.signal.aborted) throw error;
      } finally {
        sleepers.splice(sleepers.indexOf(sleeper), 1);
      }
      return value as T;
    }

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
