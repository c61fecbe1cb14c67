/** A stack's configuration: defaults in Pulumi.yaml, then the stack's settings file, then the test's values. */
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

/** Config values from a test. A key without namespace belongs to the project. */
export type ConfigInput = Readonly<Record<string, string | { readonly value: string; readonly secret?: boolean }>>;

const settings = z.object({
  encryptionsalt: z.string().optional(),
  config: z.record(z.string(), z.unknown()).optional(),
});

/** Replaces a value of the files, before decryption. Null omits the value, undefined keeps it. */
export type ConfigOverride = (key: string, value: unknown) => ConfigEntry | null | undefined;

/** Where a stack's configuration comes from. */
export interface ConfigSources {
  readonly project: Project;
  readonly stack: string;
  readonly passphrase: string;
  /** Overrides the files. */
  readonly given?: ConfigInput | undefined;
  /** Replaces values of the files. */
  readonly override?: ConfigOverride | undefined;
}

/** Loads the configuration of a stack. */
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
      if (encryptionsalt === undefined)
        throw new Error(
          `${path} has a secure value but no encryptionsalt: set the value again with \`pulumi config set --secret\``,
        );
      return (await crypterFor(passphrase, encryptionsalt)).decrypt(String(secure));
    };
    config.set(key, { value: configText(await decryptParts(value, decrypt)), secret });
  }
  return config;
}

/** Decrypts the secure parts of a config value. If a part is secret, Pulumi treats the whole value as secret. */
async function decryptParts(value: unknown, decrypt: (secure: unknown) => Promise<string>): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => decryptParts(item, decrypt)));
  if (typeof value !== "object" || value === null) return value;
  if ("secure" in value) return decrypt(value.secure);
  const entries = Object.entries(value).map(async ([name, item]) => [name, await decryptParts(item, decrypt)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
