/** `pulumi-ona status --watch`: looks at an interval; redraws a terminal, and elsewhere prints what has changed. */
import { isTransient } from "../../client/index.js";
import { formatDuration } from "../../util/duration.js";
import { listAccount, type Reader, withClient } from "../account.js";
import type { Io } from "../terminal.js";
import { columns, hasUnicode, jsonText, paletteFor } from "../format.js";
import { draw } from "./render.js";
import { essence, type Picture, pictureOf } from "./account-status.js";

/** How to watch. */
export interface WatchOptions {
  readonly json: boolean;
  /** Milliseconds from one look to the next. */
  readonly interval: number;
  readonly connection: string | undefined;
}

/** What was seen last, and what went wrong since. */
interface View {
  readonly picture: Picture | undefined;
  readonly trouble: string | undefined;
}

/** Shows a view; a terminal has to be left as it was found. */
interface Display {
  show(view: View): void;
  close(): void;
}

/**
 * Watches until the process is asked to end. A failure that may pass is shown, and the next look comes at its time.
 * @throws ConfigError or OnaError for a failure that does not pass by itself
 */
export async function watch(io: Io, { json, interval, connection }: WatchOptions): Promise<void> {
  const interruption = io.interruption();
  const display = json || io.screen === undefined ? new Log(io, json) : new Redraw(io);
  let picture: Picture | undefined;
  try {
    // One retry: trouble is to be seen soon, and the next look is near.
    await withClient(
      io,
      async (client) => {
        while (!interruption.aborted) {
          const { seen, trouble } = await look(client, io, interruption, connection);
          if (interruption.aborted) return;
          picture = seen ?? picture;
          display.show({
            picture,
            trouble: trouble && `${trouble} (looking again every ${formatDuration(interval)})`,
          });
          await io.clock.sleep(interval, interruption).catch(() => undefined);
        }
      },
      { maxRetries: 1, connection },
    );
  } finally {
    display.close();
  }
}

async function look(
  client: Reader,
  io: Io,
  interruption: AbortSignal,
  connection: string | undefined,
): Promise<{ seen?: Picture; trouble?: string }> {
  try {
    return { seen: pictureOf(await listAccount(client, io, interruption), connection) };
  } catch (error) {
    if (interruption.aborted) return {};
    if (error instanceof Error && isTransient(error)) return { trouble: error.message };
    throw error;
  }
}

/** What changes, one below the other: for logs, and JSON a line each. */
class Log implements Display {
  #seen = "";

  constructor(
    private readonly io: Io,
    private readonly json: boolean,
  ) {}

  show({ picture, trouble }: View): void {
    if (trouble !== undefined) {
      this.io.err(`${trouble}\n`);
      return;
    }
    if (picture === undefined || essence(picture) === this.#seen) return;
    const first = this.#seen === "";
    this.#seen = essence(picture);
    if (this.json) {
      this.io.out(`${jsonText(picture, 0)}\n`);
      return;
    }
    const canvas = { palette: paletteFor(this.io), unicode: hasUnicode(this.io), width: undefined, height: undefined };
    this.io.out(`${first ? "" : "\n"}${draw(picture, canvas).join("\n")}\n`);
  }

  close(): void {
    // There is nothing to put back.
  }
}

const escape = "\u001b[";
/** Another screen, so that what stands in the terminal comes back at the end; no cursor. */
const enter = `${escape}?1049h${escape}?25l`;
const leave = `${escape}?25h${escape}?1049l`;
const home = `${escape}H`;
const clearLine = `${escape}K`;
const clearBelow = `${escape}J`;

/** A terminal that is drawn over. */
class Redraw implements Display {
  #view: View | undefined;
  readonly #endResize: () => void;

  constructor(private readonly io: Io) {
    io.out(enter);
    this.#endResize = io.screen?.onResize(() => this.#draw()) ?? (() => undefined);
  }

  show(view: View): void {
    this.#view = view;
    this.#draw();
  }

  close(): void {
    this.#endResize();
    this.io.out(leave);
    const view = this.#view;
    // What was seen last stays readable after the end.
    if (view !== undefined) this.io.out(`${this.#lines(view, undefined).join("\n")}\n`);
  }

  #draw(): void {
    if (this.#view === undefined) return;
    const rows = this.io.screen?.rows ?? 24;
    const lines = this.#lines(this.#view, rows);
    // Line by line over the old picture instead of an empty screen first, which would flicker. Cleared before it is drawn: after a full line it would lose its end.
    this.io.out(`${home}${lines.map((line) => `${clearLine}${line}`).join("\r\n")}${clearBelow}`);
  }

  #lines({ picture, trouble }: View, rows: number | undefined): string[] {
    const { io } = this;
    const palette = paletteFor(io);
    const width = io.screen?.columns ?? 80;
    const below =
      trouble === undefined
        ? []
        : columns([], [[trouble]], width)
            .split("\n")
            .map((line) => palette.red(line));
    const hint = rows === undefined ? [] : [palette.dim("^C ends")];
    const height = rows === undefined ? undefined : Math.max(1, rows - below.length - hint.length - 1);
    const canvas = { palette, unicode: hasUnicode(io), width, height };
    const drawn = picture === undefined ? [] : draw(picture, canvas);
    const space = below.length + hint.length > 0 ? [""] : [];
    return [...drawn, ...space, ...below, ...hint].slice(0, rows);
  }
}
