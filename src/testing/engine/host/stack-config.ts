/** A stack's configuration: what its settings file says, what Pulumi.yaml has as defaults, what a test gives. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { configKey, configText, type Project } from "./project-file.js";
import { crypterFor } from "../state/secret-encryption.js";

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

/**
 * Decides about a value of the files, whose secure parts are still encrypted: null leaves it out, undefined takes it as it is.
 */
export type ConfigOverride = (key: string, value: unknown) => ConfigEntry | null | undefined;

/** Where a stack's configuration comes from. */
export interface ConfigSources {
  readonly project: Project;
  readonly stack: string;
  readonly passphrase: string;
  /** Wins over the files. */
  readonly given?: ConfigInput | undefined;
  /** What is taken in place of what the files say. */
  readonly override?: ConfigOverride | undefined;
}

/** The configuration with which a stack runs. */
export async function loadConfig(sources: ConfigSources): Promise<Map<string, ConfigEntry>> {
  const { project, given = {}, override } = sources;
  const config = new Map<string, ConfigEntry>();
  for (const [key, value] of project.config) {
    const entry = override?.(key, value);
    if (entry !== null) config.set(key, entry ?? { value, secret: false });
  }
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
  override,
}: ConfigSources): Promise<Map<string, ConfigEntry>> {
  const config = new Map<string, ConfigEntry>();
  const path = join(project.rootDirectory, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) return config;
  const { encryptionsalt, config: values = {} } = settings.parse(parse(readFileSync(path, "utf8")) ?? {});
  for (const [name, value] of Object.entries(values)) {
    const key = configKey(name, project.name);
    const instead = override?.(key, value);
    if (instead !== undefined) {
      if (instead !== null) config.set(key, instead);
      continue;
    }
    let secret = false;
    const decrypt = async (secure: unknown) => {
      secret = true;
      if (encryptionsalt === undefined) throw new Error(`${path} has a secure value but no encryptionsalt`);
      return (await crypterFor(passphrase, encryptionsalt)).decrypt(String(secure));
    };
    config.set(key, { value: configText(await decrypted(value, decrypt)), secret });
  }
  return config;
}

/** A config value with its secure parts decrypted. Where a part of a value is secret, Pulumi takes all of it for a secret. */
async function decrypted(value: unknown, decrypt: (secure: unknown) => Promise<string>): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => decrypted(item, decrypt)));
  if (typeof value !== "object" || value === null) return value;
  if ("secure" in value) return decrypt(value.secure);
  const entries = Object.entries(value).map(async ([name, item]) => [name, await decrypted(item, decrypt)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
