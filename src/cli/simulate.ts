// `pulumi-ona simulate`: the simulator in real time, for people who try the provider without an account.
import { InvalidArgumentError, type Command } from "commander";
import { startSimulator, type Simulator } from "../testing/simulator/index.js";

interface Options {
  port?: number;
  token?: string;
  snapshots: boolean;
  enterprise: boolean;
}

/** Adds the command. */
export function addSimulate(program: Command): void {
  program
    .command("simulate")
    .description("serve a simulated Ona API on loopback, in real time, with a page to watch it")
    .option("--port <number>", "port to listen on (default: a free one)", portNumber)
    .option("--token <token>", "token that opens the API (default: a random one)")
    .option("--no-snapshots", "start without completed prebuilds, so that pools stay PENDING until one completes")
    .option("--no-enterprise", "be an organisation whose plan has no warm pools")
    .action(async ({ enterprise, ...options }: Options) => {
      const simulator = await startSimulator({ clock: "real", plan: enterprise ? "enterprise" : "core", ...options });
      console.log(introduction(simulator));
      await terminated();
      await simulator.close();
    });
}

/** What a person needs to use the simulator: where it is, and lines to paste into a shell. */
export function introduction({ origin, env, projects }: Simulator): string {
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

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("a port is a number from 0 to 65535.");
}

/** Resolves when the process is asked to end. */
function terminated(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
