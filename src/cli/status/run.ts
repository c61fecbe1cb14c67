/** `pulumi-ona status`: shows the account's pools once, or keeps watching them. */
import { listAccount, withClient } from "../account.js";
import { formatJson } from "../format.js";
import { createPalette, type Io, supportsUnicode } from "../terminal.js";
import { toAccountStatus } from "./account-status.js";
import { render } from "./render.js";
import { watch } from "./watch.js";

/** The options of `status`. */
export interface StatusOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
  /** Milliseconds. */
  readonly interval: number;
  readonly connection?: string;
}

/**
 * Shows the pools.
 * @throws ConfigError or OnaError. With `watch`, only for a failure that is not temporary
 */
export async function runStatus(io: Io, options: StatusOptions): Promise<void> {
  const { json = false, interval: intervalMs, connection } = options;
  if (options.watch) {
    await watch(io, { json, intervalMs, connection });
    return;
  }
  const account = await withClient(io, (client) => listAccount(client, io), { connection });
  const status = toAccountStatus(account, connection);
  const canvas = { palette: createPalette(io), unicode: supportsUnicode(io), width: io.screen?.columns };
  io.out(`${json ? formatJson(status) : render(status, canvas).join("\n")}\n`);
}
