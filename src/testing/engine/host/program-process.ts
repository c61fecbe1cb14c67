/** The program as a process of its own, run by the SDK's own runner as the CLI runs it. */
import { describeExit, startNode, type RunningProcess } from "./child-process.js";
import type { Project } from "./project-file.js";
import { resolveFrom } from "./provider-process.js";

export interface ProgramOptions {
  readonly project: Project;
  readonly stack: string;
  readonly organization: string;
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly config: ReadonlyMap<string, { value: string; secret: boolean }>;
  readonly monitorAddress: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLog: (severity: "info" | "info#err", line: string) => void;
}

/** The exit code with which the SDK's runner says that it has told the user what was wrong. */
const alreadyReported = 32;

/** Starts the program. */
export function startProgram(options: ProgramOptions): RunningProcess {
  const { project } = options;
  const script = resolveFrom(project.programDirectory, "@pulumi/pulumi/cmd/run");
  const args = [
    ...project.nodeArgs,
    script,
    ...["--monitor", options.monitorAddress],
    ...["--engine", options.monitorAddress],
    ...["--organization", options.organization],
    ...["--project", project.name],
    ...["--root-directory", project.rootDirectory],
    ...["--stack", options.stack],
    ...["--pwd", project.programDirectory],
    ...(options.dryRun ? ["--dry-run"] : []),
    ...["--parallel", String(options.parallel)],
    project.entryPoint,
  ];
  const config: Record<string, string> = {};
  for (const [key, { value }] of options.config) config[key.replace(":", ":config:")] = value;
  const secretKeys = [...options.config].filter(([, { secret }]) => secret).map(([key]) => key);
  return startNode({
    cwd: project.programDirectory,
    args,
    env: {
      ...options.env,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
      ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    },
    onStdout: (line) => options.onLog("info", line),
    onStderr: (line) => options.onLog("info#err", line),
  });
}

/** Why a program that has ended did not succeed: undefined if it did, an empty text if the user knows already. */
export async function failureOf(program: RunningProcess): Promise<string | undefined> {
  const exit = await program.exited;
  if (exit.code === 0) return undefined;
  if (exit.code === alreadyReported) return "";
  if (exit.code === null) return `the program was ended by ${describeExit(exit)}`;
  return `an unhandled error occurred: Program exited with non-zero exit code: ${exit.code}`;
}
