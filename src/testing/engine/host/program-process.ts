/** The program in a process of its own, started by the SDK's runner as the CLI does. */
import { describeExit, resolveFrom, type RunningProcess, type StartProcess } from "./child-process.js";
import type { Project } from "./project-file.js";

export interface ProgramOptions {
  readonly startProcess: StartProcess;
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

/** Exit code of the SDK's runner after it has reported the error to the user. */
const alreadyReported = 32;

/** Starts the program. */
export function startProgram(options: ProgramOptions): RunningProcess {
  const { project } = options;
  const config: Record<string, string> = {};
  for (const [key, { value }] of options.config) config[key.replace(":", ":config:")] = value;
  const secretKeys = [...options.config].filter(([, { secret }]) => secret).map(([key]) => key);
  return options.startProcess({
    cwd: project.programDirectory,
    nodeArgs: project.nodeArgs,
    script: resolveFrom(project.programDirectory, "@pulumi/pulumi/cmd/run"),
    args: [
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
    ],
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

/** Waits for a program and returns why it failed: undefined if it succeeded, "" if it has reported the error itself. */
export async function failureOf(program: RunningProcess): Promise<string | undefined> {
  const exit = await program.exited;
  if (exit.code === 0) return undefined;
  if (exit.code === alreadyReported) return "";
  if (exit.code === null) return `the program was ended by ${describeExit(exit)}`;
  return `an unhandled error occurred: Program exited with non-zero exit code: ${exit.code}`;
}
