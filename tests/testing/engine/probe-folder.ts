/** A project folder with the recorded program and its resource, the probe. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface ProbeFolder {
  readonly workDir: string;
  readonly liveFile: string;
  remove(): void;
}

/** Creates a project folder. The native program uses a plugin beside it, and the dynamic probe too. */
export function probeFolder(kind: "dynamic" | "native" = "dynamic"): ProbeFolder {
  const root = mkdtempSync(join(tmpdir(), "probe-"));
  const workDir = join(root, "program");
  if (kind === "native") {
    cpSync(join(__dirname, "native", "probe"), join(root, "probe"), { recursive: true });
    symlinkSync(resolve("node_modules"), join(root, "probe", "node_modules"), "junction");
  }
  cpSync(join(__dirname, kind === "native" ? "native/program" : "program"), workDir, { recursive: true });
  const modules = join(workDir, "node_modules");
  mkdirSync(modules);
  cpSync(join(__dirname, "probe"), join(modules, "probe"), { recursive: true });
  symlinkSync(resolve("node_modules/@pulumi"), join(modules, "@pulumi"), "junction");
  const liveFile = join(root, "live.json");
  writeFileSync(liveFile, "{}");
  return { workDir, liveFile, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** One probe that the program declares. */
export interface ProbeSpec {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly opts?: Record<string, unknown>;
  readonly phaseOf?: string;
  readonly secret?: string;
  readonly component?: string;
  readonly dependsOn?: readonly string[];
  readonly deletedWith?: string;
}
