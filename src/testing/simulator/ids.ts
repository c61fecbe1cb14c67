// Identifiers: random ones for what is made while the simulator runs, fixed ones for what it is seeded with.
import { createHash, randomBytes, randomUUID } from "node:crypto";

/** A random UUID, version 4. */
export const newId = (): string => randomUUID();

/** The UUID (in version 4's form) that always belongs to this name. */
export function fixedId(name: string): string {
  const bytes = createHash("sha256").update(`pulumi-ona simulator: ${name}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Whether a text is a UUID, of any version. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** A new secret that starts with the given word. */
export const newSecret = (kind: string): string => `${kind}_${randomBytes(18).toString("hex")}`;

/** What may be written down of a secret: enough to tell two apart, nothing that opens a door. */
export const fingerprint = (secret: string): string => createHash("sha256").update(secret).digest("hex").slice(0, 12);
