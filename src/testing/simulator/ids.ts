/** Identifiers: random ones for new objects, fixed ones for the seed. */
import { createHash, randomBytes, randomUUID } from "node:crypto";

/** A random UUID, version 4. */
export const newId = (): string => randomUUID();

/** A UUID in the form of version 4 that is always the same for the same name. */
export function fixedId(name: string): string {
  const bytes = createHash("sha256").update(`pulumi-ona simulator: ${name}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Whether a string is a UUID of any version. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** A new secret with the given prefix. */
export const newSecret = (prefix: string): string => `${prefix}_${randomBytes(18).toString("hex")}`;

/** A short hash, which tells two secrets apart without revealing them. */
export const fingerprint = (secret: string): string => createHash("sha256").update(secret).digest("hex").slice(0, 12);
