/** How the user's project installs a package. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const managers = {
  npm: { install: "npm install", files: ["package-lock.json", "npm-shrinkwrap.json"] },
  pnpm: { install: "pnpm add", files: ["pnpm-lock.yaml", "pnpm-workspace.yaml"] },
  yarn: { install: "yarn add", files: ["yarn.lock", ".yarnrc.yml"] },
  bun: { install: "bun add", files: ["bun.lock", "bun.lockb"] },
};

type Manager = keyof typeof managers;

/**
 * The command that installs this package in a folder, with the package manager of the project that the folder is in: by
 * the field packageManager and the lock file, which the root of a workspace has, and else by what started this process.
 */
export function installCommand(folder: string, userAgent = process.env["npm_config_user_agent"]): string {
  const manager = projectManager(folder) ?? managerNamed(userAgent) ?? "npm";
  return `${managers[manager].install} pulumi-ona`;
}

function projectManager(folder: string): Manager | undefined {
  const declared = managerNamed(declaredManager(join(folder, "package.json")));
  if (declared !== undefined) return declared;
  for (const [name, { files }] of Object.entries(managers)) {
    if (files.some((file) => existsSync(join(folder, file)))) return name as Manager;
  }
  const parent = dirname(folder);
  // Above its repository there may be anything.
  return parent === folder || existsSync(join(folder, ".git")) ? undefined : projectManager(parent);
}

function declaredManager(manifest: string): string | undefined {
  try {
    return String((JSON.parse(readFileSync(manifest, "utf8")) as { packageManager?: unknown }).packageManager);
  } catch {
    return undefined;
  }
}

/** @param text such as `pnpm@10.34.0`, or `pnpm/10.34.0 npm/? node/v24.21.0` */
function managerNamed(text: string | undefined): Manager | undefined {
  const [, name = ""] = /^(\w+)[@/]/.exec(text ?? "") ?? [];
  return Object.hasOwn(managers, name) ? (name as Manager) : undefined;
}
