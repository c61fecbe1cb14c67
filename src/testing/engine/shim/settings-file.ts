/** Writes config values to the stack's settings file, with encrypted secrets. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Document, parseDocument } from "yaml";
import { configKey, type Project } from "../host/project-file.js";
import { parsePath } from "../state/property-paths.js";
import { crypterFor } from "../state/secret-encryption.js";

/**
 * Sets a value.
 * @param isPath whether the key is a path into an object, which the file gets if it has none: the project's object is
 * not copied
 */
export async function setConfig(
  project: Project,
  stack: string,
  key: string,
  value: string,
  { secret, isPath, passphrase }: { readonly secret: boolean; readonly isPath: boolean; readonly passphrase: string },
): Promise<void> {
  const path = settingsPath(project, stack);
  const document = existsSync(path) ? parseDocument(readFileSync(path, "utf8")) : new Document({});
  const [, top = key, rest = ""] = (isPath && /^([^.[]+)(.*)$/s.exec(key)) || [];
  const place = ["config", configKey(top, project.name), ...parsePath(rest)];
  if (secret) {
    const salt: unknown = document.get("encryptionsalt");
    const crypter = await crypterFor(passphrase, typeof salt === "string" ? salt : undefined);
    document.set("encryptionsalt", crypter.salt);
    document.setIn(place, document.createNode({ secure: crypter.encrypt(value) }));
  } else document.setIn(place, value);
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
