/** How soon a change of phase is detected, compared to what the poll schedule predicts, on a virtual clock. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProviderCall } from "../src/testing/engine/host/provider-call.js";
import type { Simulator } from "../src/testing/simulator/index.js";
import { pollInterval } from "../src/lifecycle/wait.js";
import { succeed } from "../tests/support/warm-pools.js";
import { fleetOf, startFleet } from "./fleet.js";
import { atMost, type Row } from "./measure.js";

const target = atMost(1.05);
const moments = 100;
/** The moments cover the first 97 s of a wait and don't coincide with polls every 10 s. */
const stepMs = 970;
const neverMs = 365 * 24 * 3_600_000;

/** The moment after its creation at which a pool becomes READY. */
const momentOf = (pool: number) => (pool + 0.5) * stepMs;

/** Milliseconds from a moment to the next scheduled poll. */
function expectedDelay(moment: number): number {
  let at = 0;
  for (let poll = 0; at < moment; poll++) at += pollInterval(poll);
  return at - moment;
}

/** A clock for the processes. It moves the simulator's clock and lets each pool become READY at its moment on the way. */
class MomentClock {
  readonly readyAt = new Map<string, number>();
  readonly #left: { readonly id: string; readonly at: number }[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { advance } = JSON.parse(Buffer.concat(chunks).toString()) as { advance: number };
      response.end(JSON.stringify({ now: this.#advance(advance) }));
    });
  });

  simulator: Simulator | undefined;

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.close();
  }

  #advance(milliseconds: number): number {
    const { simulator } = this;
    if (simulator === undefined) return Date.now();
    if (this.readyAt.size < moments) this.#notePools(simulator);
    const until = simulator.clock.now() + milliseconds;
    for (let next = this.#left.at(-1); next !== undefined && next.at <= until; next = this.#left.at(-1)) {
      simulator.clock.advance(Math.max(0, next.at - simulator.clock.now()));
      simulator.recover(next.id);
      this.#left.pop();
    }
    return simulator.clock.advance(Math.max(0, until - simulator.clock.now()));
  }

  #notePools(simulator: Simulator): void {
    for (const { id, createdAt } of simulator.pools) {
      if (this.readyAt.has(id)) continue;
      const at = Date.parse(createdAt) + momentOf(this.readyAt.size);
      this.readyAt.set(id, at);
      this.#left.push({ id, at });
    }
    this.#left.sort((a, b) => b.at - a.at);
  }
}

/** Mean milliseconds from the moment at which a pool becomes READY to the end of its create. */
async function meanDelay(): Promise<number> {
  const fleet = fleetOf(moments, 2, { waitForReady: true });
  const clock = new MomentClock();
  const delays: number[] = [];
  try {
    const onProviderCall = ({ method, response }: ProviderCall) => {
      const id = method === "Create" ? response?.["id"] : undefined;
      const readyAt = typeof id === "string" ? clock.readyAt.get(id) : undefined;
      if (readyAt !== undefined) delays.push((clock.simulator?.clock.now() ?? NaN) - readyAt);
    };
    await using bench = await startFleet("ours", fleet, {
      simulator: { timings: { poolReady: neverMs, poolAutoscale: neverMs } },
      stack: { clock: { url: await clock.start() }, parallel: moments, onProviderCall },
    });
    clock.simulator = bench.simulator;
    await succeed(bench.stack.up());
    if (delays.length !== moments) throw new Error(`${delays.length} creates ended`);
    return meanOf(delays);
  } finally {
    clock.close();
  }
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The row of `npm run bench` about waiting. */
export const rows: readonly Row[] = [
  {
    figure: "delay until a change of phase is detected, mean of 100 (virtual ms), compared to the poll schedule",
    target,
    async measure() {
      const floor = meanOf(Array.from({ length: moments }, (_, pool) => expectedDelay(momentOf(pool))));
      const ours = await meanDelay();
      return {
        ours,
        floor,
        ratio: ours / floor,
        ok: ours / floor <= target.value,
        spread: [ours / floor, ours / floor],
      };
    },
  },
];
