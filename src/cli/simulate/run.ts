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
  io.out(`${describe(simulator)}\n`);
  if (!interruption.aborted) await once(interruption, "abort");
  await simulator.close();
}

/** Where the simulator is, and the commands to use it from another shell. */
function describe({ origin, env, projects }: Simulator): string {
  return [
    `Simulated Ona API: ${env.ONA_BASE_URL}`,
    `Web page:          ${origin}/`,
    "",
    "To use it from another terminal, run:",
    ...Object.entries(env).map(([name, value]) => `  export ${name}=${quoteForShell(value)}`),
    "",
    "Projects, each with the environment classes of its prebuild configuration:",
    ...projects.flatMap(({ id, name, environmentClasses }) => [
      `  ${id}  ${name}`,
      ...environmentClasses.map((environmentClass) => `    ${environmentClass.id}  ${environmentClass.name}`),
    ]),
    "",
    "Press Ctrl+C to stop it. Nothing is saved.",
  ].join("\n");
}
