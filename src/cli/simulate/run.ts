/** `pulumi-ona simulate`: the simulator in real time, for people who try the provider without an account. */
import { once } from "node:events";
import { startSimulator, type Simulator } from "../../testing/simulator/index.js";
import { CliError, type Io } from "../terminal.js";

/** What the command is told. */
export interface SimulateOptions {
  readonly port?: number;
  readonly token?: string;
  readonly snapshots: boolean;
  readonly enterprise: boolean;
}

/** Serves until the process is asked to end. */
export async function runSimulate(io: Io, { enterprise, ...options }: SimulateOptions): Promise<void> {
  const interruption = io.interruption();
  const plan = enterprise ? "enterprise" : "core";
  const simulator = await startSimulator({ clock: "real", plan, ...options }).catch((error: unknown) => {
    // The port is taken, or may not be used.
    throw error instanceof Error ? new CliError(error.message) : error;
  });
  io.out(`${introduction(simulator)}\n`);
  if (!interruption.aborted) await once(interruption, "abort");
  await simulator.close();
}

/** What a person needs to use the simulator: where it is, and lines to paste into a shell. */
function introduction({ origin, env, projects }: Simulator): string {
  const seeded = projects.flatMap(({ id, name, environmentClasses }) => [
    `  ${id}  ${name}`,
    ...environmentClasses.map((environmentClass) => `    ${environmentClass.id}  ${environmentClass.name}`),
  ]);
  return [
    `Simulated Ona API: ${env.ONA_BASE_URL}`,
    `Page to watch it:  ${origin}/`,
    "",
    "Use it from another terminal:",
    ...Object.entries(env).map(([name, value]) => `  export ${name}=${value}`),
    "",
    "Projects, and under each the environment classes in its prebuild configuration:",
    ...seeded,
    "",
    "Ctrl+C stops it; nothing is kept.",
  ].join("\n");
}
