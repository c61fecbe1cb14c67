/** `pulumi-ona status`: the account's pools once, or again and again until ^C. */
import { listAccount, withClient } from "../account.js";
import type { Io } from "../terminal.js";
import { hasUnicode, jsonText, paletteFor } from "../format.js";
import { draw } from "./render.js";
import { pictureOf } from "./account-status.js";
import { watch } from "./watch.js";

/** What the command is told. */
export interface StatusOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
  /** Milliseconds; default 5,000. */
  readonly interval?: number;
  readonly connection?: string;
}

/**
 * Shows the pools.
 * @throws ConfigError or OnaError; with `watch` only for what does not pass by itself
 */
export async function runStatus(io: Io, options: StatusOptions): Promise<void> {
  if (options.watch) {
    const { json = false, interval = 5_000, connection } = options;
    await watch(io, { json, interval, connection });
    return;
  }
  const picture = pictureOf(await withClient(io, (client) => listAccount(client, io), options), options.connection);
  if (options.json) {
    io.out(`${jsonText(picture)}\n`);
    return;
  }
  const canvas = { palette: paletteFor(io), unicode: hasUnicode(io), width: io.screen?.columns, height: undefined };
  io.out(`${draw(picture, canvas).join("\n")}\n`);
}
