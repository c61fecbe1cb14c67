/** A stack's configuration: what its settings file says, what Pulumi.yaml has as defaults, what a test gives. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { configKey, configText, type Project } from "./project";
import { crypterFor } from "./secrets";

/** One config value. */
export interface ConfigEntry {
  readonly value: string;
  readonly secret: boolean;
}

/** Config as tests write it; a key without namespace belongs to the project. */
export type ConfigInput = Readonly<Record<string, string | { readonly value: string; readonly secret?: boolean }>>;

const settings = z.object({
  encryptionsalt: z.string().optional(),
  config: z.record(z.string(), z.unknown()).optional(),
});

/** Where a stack's configuration comes from. */
export interface ConfigSources {
  readonly project: Project;
  readonly stack: string;
  readonly passphrase: string;
  /** Wins over the files. */
  readonly given?: ConfigInput | undefined;
  /** Keys that are not taken from the files. */
  readonly leftOut?: readonly string[];
}

/** The configuration with which a stack runs. */
export async function loadConfig(sources: ConfigSources): Promise<Map<string, ConfigEntry>> {
  const { project, given = {}, leftOut = [] } = sources;
  const config = new Map<string, ConfigEntry>();
  for (const [key, value] of project.config) if (!leftOut.includes(key)) config.set(key, { value, secret: false });
  for (const [key, entry] of await readSettings(sources)) config.set(key, entry);
  for (const [key, entry] of Object.entries(given)) {
    const { value, secret = false } = typeof entry === "string" ? { value: entry } : entry;
    config.set(configKey(key, project.name), { value, secret });
  }
  return config;
}

async function readSettings({
  project,
  stack,
  passphrase,
  leftOut = [],
}: ConfigSources): Promise<Map<string, ConfigEntry>> {
  const config = new Map<string, ConfigEntry>();
  const path = join(project.rootDirectory, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) return config;
  const { encryptionsalt, config: values = {} } = settings.parse(parse(readFileSync(path, "utf8")) ?? {});
  for (const [name, value] of Object.entries(values)) {
    const key = configKey(name, project.name);
    if (leftOut.includes(key)) continue;
    if (typeof value === "object" && value !== null && "secure" in value) {
      if (encryptionsalt === undefined) throw new Error(`${path} has a secure value but no encryptionsalt`);
      const crypter = await crypterFor(passphrase, encryptionsalt);
      config.set(key, { value: crypter.decrypt(String(value.secure)), secret: true });
    } else config.set(key, { value: configText(value), secret: false });
  }
  return config;
}
