/** Writes config values to the stack's settings file, with encrypted secrets. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Document, parseDocument } from "yaml";
import { configKey, type Project } from "../host/project-file.js";
import { crypterFor } from "../state/secret-encryption.js";

/** Sets a value. */
export async function setConfig(
  project: Project,
  stack: string,
  key: string,
  value: string,
  secret: boolean,
  passphrase: string,
): Promise<void> {
  const path = settingsPath(project, stack);
  const document = existsSync(path) ? parseDocument(readFileSync(path, "utf8")) : new Document({});
  if (secret) {
    const salt: unknown = document.get("encryptionsalt");
    const crypter = await crypterFor(passphrase, typeof salt === "string" ? salt : undefined);
    document.set("encryptionsalt", crypter.salt);
    document.setIn(["config", configKey(key, project.name)], { secure: crypter.encrypt(value) });
  } else document.setIn(["config", configKey(key, project.name)], value);
  writeFileSync(path, document.toString());
}

/** Removes a value. */
export function removeConfig(project: Project, stack: string, key: string): void {
  const path = settingsPath(project, stack);
  if (!existsSync(path)) return;
  const document = parseDocument(readFileSync(path, "utf8"));
  document.deleteIn(["config", configKey(key, project.name)]);
  writeFileSync(path, document.toString());
}

function settingsPath(project: Project, stack: string): string {
  return join(project.rootDirectory, `Pulumi.${stack}.yaml`);
}
