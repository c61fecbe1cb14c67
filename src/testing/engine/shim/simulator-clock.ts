/** The virtual clock of the simulator that a script uses. */

/** How long a simulator may take to answer, in milliseconds. */
const answerTimeoutMs = 20_000;

/**
 * Finds the virtual clock of the simulator at an API address. Undefined if there is no simulator on this machine at the
 * address, or if its time runs by itself.
 * @throws Error if a server on this machine does not answer
 */
export async function findVirtualClock(
  address: string | undefined,
  timeout: AbortSignal = AbortSignal.timeout(answerTimeoutMs),
): Promise<{ readonly url: string } | undefined> {
  const api = URL.parse(address ?? "");
  if (api?.protocol !== "http:" || !["127.0.0.1", "localhost", "[::1]"].includes(api.hostname)) return undefined;
  const url = `${api.origin}/_simulator/clock`;
  try {
    const response = await fetch(url, { signal: timeout });
    const clock: unknown = await response.json();
    const isVirtual = typeof clock === "object" && clock !== null && "kind" in clock && clock.kind === "virtual";
    return isVirtual ? { url } : undefined;
  } catch {
    if (!timeout.aborted) return undefined;
    throw new Error(
      `the server at ${api.origin} does not answer. If it is a simulator in the process that started this command, ` +
        "start the command with `spawn` or `execFile`: `execFileSync` blocks the simulator",
    );
  }
}
