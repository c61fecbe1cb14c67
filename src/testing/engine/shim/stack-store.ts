/** Stores stacks like the CLI's file backend, in the folder that PULUMI_BACKEND_URL names. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UntypedDeployment } from "../state/deployment-format.js";
import { text, type Json } from "../state/property-values.js";

interface Checkpoint {
  readonly version: number;
  readonly checkpoint: { readonly stack: string; readonly latest?: Record<string, Json> };
}

/** The stacks of one project. */
export class Store {
  readonly #stacks: string;
  readonly #workspace: string;

  readonly #project: string;

  constructor(project: string) {
    this.#project = project;
    const root = join(folder(), ".pulumi");
    this.#stacks = join(root, "stacks", project);
    this.#workspace = join(root, "workspaces", `${project}.json`);
  }

  list(): string[] {
    if (!existsSync(this.#stacks)) return [];
    return readdirSync(this.#stacks).map((name) => name.replace(/\.json$/, ""));
  }

  exists(stack: string): boolean {
    return existsSync(this.#path(stack));
  }

  /** The state of a stack. Undefined if it has none yet. */
  read(stack: string): UntypedDeployment | undefined {
    if (!this.exists(stack)) throw new Error(`no stack named '${stack}' found`);
    const { version, checkpoint } = JSON.parse(readFileSync(this.#path(stack), "utf8")) as Checkpoint;
    return checkpoint.latest === undefined ? undefined : { version, deployment: checkpoint.latest };
  }

  write(stack: string, deployment: UntypedDeployment | undefined): void {
    const name = `organization/${this.#project}/${stack}`;
    const latest = deployment === undefined ? {} : { latest: deployment.deployment };
    const content: Checkpoint = { version: 3, checkpoint: { stack: name, ...latest } };
    save(this.#path(stack), content);
  }

  remove(stack: string): void {
    rmSync(this.#path(stack));
    if (this.selected() === stack) rmSync(this.#workspace, { force: true });
  }

  /** The stack of commands that name none. */
  selected(): string | undefined {
    if (!existsSync(this.#workspace)) return undefined;
    const content = JSON.parse(readFileSync(this.#workspace, "utf8")) as Record<string, Json>;
    return text(content["stack"]) || undefined;
  }

  select(stack: string): void {
    if (!this.exists(stack)) throw new Error(`no stack named '${stack}' found`);
    save(this.#workspace, { stack });
  }

  #path(stack: string): string {
    return join(this.#stacks, `${stack}.json`);
  }
}

function folder(): string {
  const url = process.env["PULUMI_BACKEND_URL"];
  if (url === undefined || url === "") return process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi-test-engine");
  if (!url.startsWith("file://")) {
    throw new Error(`the test engine stores stacks in a folder: set PULUMI_BACKEND_URL to a file:// URL, not ${url}`);
  }
  const path = url.slice("file://".length);
  if (path.startsWith("~")) return join(homedir(), path.slice(1));
  return path.startsWith("/") ? fileURLToPath(url) : path;
}

function save(path: string, content: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(content, undefined, 4)}\n`);
}
