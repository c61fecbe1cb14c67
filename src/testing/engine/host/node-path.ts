/** Which Node.js runs programs and providers. */
import { spawnSync } from "node:child_process";

let found: string | undefined;

/**
 * This process's own Node.js. Under another runtime, such as Bun or Deno, it is the one on the PATH, as with the CLI.
 * @throws Error if there is none, or if it is too old
 */
export function nodePath(): string {
  found ??= findNode(process.versions, process.execPath, () => {
    const script = "process.stdout.write(JSON.stringify(process.versions))";
    const { stdout } = spawnSync("node", ["-e", script], { encoding: "utf8", windowsHide: true });
    return stdout ? (JSON.parse(stdout) as Versions) : undefined;
  });
  return found;
}

type Versions = Readonly<Record<string, string | undefined>>;

/** @param readPathVersions the versions of the `node` on the PATH, undefined if there is none */
export function findNode(own: Versions, execPath: string, readPathVersions: () => Versions | undefined): string {
  const runtime = otherRuntime(own);
  const versions = runtime === undefined ? own : readPathVersions();
  const isNode = versions !== undefined && otherRuntime(versions) === undefined;
  if (isNode && Number.parseInt(versions["node"] ?? "0") >= 22) return runtime === undefined ? execPath : "node";
  const problem = isNode ? `got ${versions["node"]}` : `${runtime} can't run them, and there is none on the PATH`;
  throw new Error(`The test engine runs programs and providers with Node.js 22.19 or newer: ${problem}`);
}

function otherRuntime(versions: Versions): string | undefined {
  return versions["bun"] !== undefined ? "Bun" : versions["deno"] !== undefined ? "Deno" : undefined;
}
