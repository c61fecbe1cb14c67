/** `pulumi-ona status`: shows the account's pools once, or keeps watching them. */
import { isTransient } from "../../client/index.js";
import { formatDuration } from "../../util/duration.js";
import { listAccount, type Reader, withClient } from "../account.js";
import { formatJson, formatTable } from "../format.js";
import { NameReader } from "../names.js";
import { createPalette, type Io, type Screen, supportsUnicode } from "../terminal.js";
import { type AccountStatus, toAccountStatus, withoutTime } from "./account-status.js";
import { type Canvas, render } from "./render.js";

export interface StatusOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
  /** Milliseconds. */
  readonly interval: number;
  /** Whether ids are shown instead of names, which are not read then. */
  readonly ids?: boolean;
  readonly connection?: string;
}

/** Shows the pools. With `watch`, only a failure that is not temporary ends it. */
export async function runStatus(io: Io, options: StatusOptions): Promise<void> {
  const { json = false, connection } = options;
  if (options.watch) return watch(io, options);
  await withClient(io, connection, async (client) => {
    const { read, reportFailure } = createReader(client, io, options);
    const status = await read();
    io.out(`${json ? formatJson(status) : render(status, createCanvas(io)).join("\n")}\n`);
    reportFailure();
  });
}

/** Returns a function that reads the status, with the names that it has read before. */
function createReader(client: Reader, io: Io, { ids, connection }: StatusOptions) {
  const names = new NameReader(client, io, ids ? "off" : "page");
  const read = async (signal?: AbortSignal): Promise<AccountStatus> => {
    const account = await names.alongside(
      () => listAccount(client, io, signal),
      ({ warmPools }) => warmPools,
      signal,
    );
    return toAccountStatus(account, connection, (pool) => names.namesOf(pool));
  };
  return { read, reportFailure: () => names.reportFailure() };
}

function createCanvas(io: Io): Canvas {
  return { palette: createPalette(io), unicode: supportsUnicode(io), width: io.screen?.columns };
}

interface Display {
  /** Shows the latest status, and the failure of the last read, if it failed. */
  show(status: AccountStatus | undefined, failure: string | undefined): void;
  /** Restores the terminal. */
  close(): void;
}

/** Watches until the process is interrupted. After a temporary failure, the next read follows on schedule. */
async function watch(io: Io, options: StatusOptions): Promise<void> {
  const { json = false, interval: intervalMs, connection } = options;
  const interruption = io.interruption();
  const display = json || io.screen === undefined ? createLog(io, json) : createLiveDisplay(io, io.screen);
  let status: AccountStatus | undefined;
  let reportFailure: () => void = () => undefined;

  const poll = async (client: Reader) => {
    const reader = createReader(client, io, options);
    ({ reportFailure } = reader);
    while (!interruption.aborted) {
      let failure: string | undefined;
      try {
        status = await reader.read(interruption);
      } catch (error) {
        if (interruption.aborted) return;
        if (!(error instanceof Error) || !isTransient(error)) throw error;
        failure = `${error.message} (retrying every ${formatDuration(intervalMs)})`;
      }
      display.show(status, failure);
      await io.clock.sleep(intervalMs, interruption).catch(() => undefined);
    }
  };
  try {
    // One retry, to show failures early: the next read comes soon.
    await withClient(io, connection, poll, { maxRetries: 1 });
  } finally {
    display.close();
    // Not earlier, since it would be drawn into the display.
    reportFailure();
  }
}

/** Prints each change, for logs. JSON takes one line per change. */
function createLog(io: Io, json: boolean): Display {
  let last = "";
  return {
    show(status, failure) {
      if (failure !== undefined) io.err(`${failure}\n`);
      else if (status !== undefined && withoutTime(status) !== last) {
        const separator = last === "" || json ? "" : "\n";
        last = withoutTime(status);
        io.out(`${separator}${json ? formatJson(status, 0) : render(status, createCanvas(io)).join("\n")}\n`);
      }
    },
    close: () => undefined,
  };
}

const csi = "\u001b[";
// The alternate screen, so that the terminal's contents come back afterwards, without a cursor.
const enterScreen = `${csi}?1049h${csi}?25l`;
const leaveScreen = `${csi}?25h${csi}?1049l`;
const moveHome = `${csi}H`;
const clearLine = `${csi}K`;
const clearBelow = `${csi}J`;

/** Redraws a terminal for each view and after each resize. */
function createLiveDisplay(io: Io, screen: Screen): Display {
  let view: Parameters<Display["show"]> | undefined;

  const layOut = (rows?: number): string[] => {
    const [status, failure] = view ?? [];
    const canvas = createCanvas(io);
    const { palette } = canvas;
    const footer =
      failure === undefined
        ? []
        : formatTable([[failure]], canvas.width)
            .split("\n")
            .map(palette.red);
    if (rows !== undefined) footer.push(palette.dim("Ctrl+C to stop"));
    const height = rows === undefined ? undefined : Math.max(1, rows - footer.length - 1);
    const body = status === undefined ? [] : render(status, { ...canvas, height });
    return [...body, ...(footer.length > 0 ? [""] : []), ...footer].slice(0, rows);
  };
  const draw = () => {
    if (view === undefined) return;
    // Drawn over the old lines, because clearing the screen would flicker. Clearing after a full line would cut it.
    const lines = layOut(io.screen?.rows ?? 24).map((line) => clearLine + line);
    io.out(`${moveHome}${lines.join("\r\n")}${clearBelow}`);
  };
  io.out(enterScreen);
  const removeListener = screen.onResize(draw);
  return {
    show(...next) {
      view = next;
      draw();
    },
    close() {
      removeListener();
      io.out(leaveScreen);
      // The last view stays readable.
      if (view !== undefined) io.out(`${layOut().join("\n")}\n`);
    },
  };
}
