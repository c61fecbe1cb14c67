/** Encrypts secrets like Pulumi's passphrase provider, so that `pulumi stack import` can read exported state. */
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

const iterations = 1_000_000;
const keyBytes = 32;
const tagBytes = 16;
const checkText = "pulumi";
const derive = promisify(pbkdf2);

/** Encrypts and decrypts with a key that is derived from a passphrase. */
export interface Crypter {
  /** `v1:salt:v1:nonce:ciphertext`: the salt, and a known word to verify the passphrase. */
  readonly salt: string;
  encrypt(plaintext: string): string;
  decrypt(ciphertext: string): string;
}

// Deriving a key is slow on purpose, so each key is derived once.
const known = new Map<string, Promise<Crypter>>();
const ownSalt = randomBytes(8);

/**
 * A crypter for a passphrase.
 * @param salt the salt of an existing deployment. Default: a new one for this process.
 * @throws Error if the passphrase is not the one of the salt
 */
export function crypterFor(passphrase: string, salt?: string): Promise<Crypter> {
  const name = `${salt ?? ""}\n${passphrase}`;
  const crypter = known.get(name) ?? makeCrypter(passphrase, salt);
  known.set(name, crypter);
  crypter.catch(() => known.delete(name));
  return crypter;
}

async function makeCrypter(passphrase: string, state: string | undefined): Promise<Crypter> {
  const parts = state?.split(":");
  if (parts !== undefined && (parts[0] !== "v1" || parts.length !== 5)) {
    throw new Error("the salt of the secrets provider has an unknown format");
  }
  const salt = parts === undefined ? ownSalt : Buffer.from(parts[1] ?? "", "base64");
  const key = await derive(passphrase, salt, iterations, keyBytes, "sha256");
  if (parts !== undefined) {
    try {
      if (open(key, parts.slice(2).join(":")) !== checkText) throw new Error("not the expected word");
    } catch {
      throw new Error("incorrect passphrase: it does not decrypt the secrets of this deployment");
    }
  }
  return {
    salt: state ?? `v1:${salt.toString("base64")}:${seal(key, checkText)}`,
    encrypt: (plaintext) => seal(key, plaintext),
    decrypt: (ciphertext) => open(key, ciphertext),
  };
}

function seal(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function open(key: Buffer, text: string): string {
  const [version, nonce, sealed] = text.split(":");
  if (version !== "v1" || nonce === undefined || sealed === undefined)
    throw new Error("a secret has an unknown format");
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  return decipher.update(bytes.subarray(0, bytes.length - tagBytes), undefined, "utf8") + decipher.final("utf8");
}
