/** `pulumi-ona simulate`: runs the simulator in real time, to try the provider without an account. */
import { once } from "node:events";
import { startSimulator, type Simulator } from "../../testing/simulator/index.js";
import { quoteForShell } from "../../util/text.js";
import { CliError, type Io } from "../terminal.js";

export interface SimulateOptions {
  readonly port?: number;
  readonly token?: string;
  readonly snapshots: boolean;
  readonly enterprise: boolean;
}

/** Serves until the process is interrupted. */
export async function runSimulate(io: Io, { enterprise, ...options }: SimulateOptions): Promise<void> {
  const interruption = io.interruption();
  const plan = enterprise ? "enterprise" : "core";
  const simulator = await startSimulator({ clock: "real", plan, ...options }).catch((error: unknown) => {
    // The port is taken, or we may not use it.
    throw error instanceof Error ? new CliError(error.message) : error;
  });
  io.out(`${describe(simulator, io.env)}\n`);
  if (!interruption.aborted) await once(interruption, "abort");
  await simulator.close();
}

/** Where the simulator is, and the commands to use it from another shell. */
function describe({ origin, env, projects }: Simulator, shellEnv: Io["env"]): string {
  return [
    `Simulated Ona API: ${env.ONA_BASE_URL}`,
    `Web page:          ${origin}/`,
    "",
    ...describeVariables(env, shellEnv),
    "Projects, each with the environment classes of its prebuild configuration:",
    ...projects.flatMap(({ id, name, environmentClasses }) => [
      `  ${id}  ${name}`,
      ...environmentClasses.map((environmentClass) => `    ${environmentClass.id}  ${environmentClass.name}`),
    ]),
    "",
    "Press Ctrl+C to stop it. Nothing is saved.",
  ].join("\n");
}

/** How to set variables: on Windows, in PowerShell and cmd unless the shell is a POSIX one, such as Git Bash. */
export function describeVariables(
  variables: Readonly<Record<string, string>>,
  { SHELL: shell, MSYSTEM: msys }: Io["env"],
  platform: string = process.platform,
): string[] {
  const isWindows = platform === "win32" && shell === undefined && msys === undefined;
  const block = (place: string, set: (name: string, value: string) => string) => [
    `To use it from another terminal, run${place}:`,
    ...Object.entries(variables).map(([name, value]) => `  ${set(name, value)}`),
    "",
  ];
  if (!isWindows) return block("", (name, value) => `export ${name}=${quoteForShell(value, "linux")}`);
  return [
    ...block(" in PowerShell", (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`),
    ...block(" in cmd", (name, value) => `set "${name}=${value}"`),
  ];
}
