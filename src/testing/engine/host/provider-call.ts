/** Calls to the provider as plain objects, for tests that check them. */
import type { Json } from "../state/property-values.js";

/** One call to the provider process. */
export interface ProviderCall {
  /** Increases in the order in which calls start. Calls are reported in the order in which they end. */
  readonly order: number;
  readonly method: string;
  readonly request: Record<string, Json>;
  readonly response?: Record<string, Json>;
  readonly error?: string;
}

interface Message {
  toObject(): Record<string, unknown>;
}

/** Converts a gRPC message to plain JSON, without unset fields. */
export function messageToJson(message: unknown): Record<string, Json> {
  if (!isMessage(message)) return {};
  const result: Record<string, Json> = {};
  for (const field of Object.keys(message.toObject())) {
    // Generated code prefixes fields that are named like a keyword.
    const name = field.replace(/^pb_/, "");
    const getter: unknown = Reflect.get(message, `get${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    if (typeof getter !== "function") continue;
    const value = toJson(Reflect.apply(getter, message, []));
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function toJson(value: unknown): Json | undefined {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return undefined;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return value.length === 0 ? undefined : Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => toJson(item) ?? null);
  if (typeof value === "object" && "getEntryList" in value) {
    const entries: Record<string, Json> = {};
    (value as unknown as Map<string, unknown>).forEach((item, key) => (entries[key] = toJson(item) ?? {}));
    return Object.keys(entries).length === 0 ? undefined : entries;
  }
  if (typeof value === "object" && "toJavaScript" in value && typeof value.toJavaScript === "function") {
    return (value.toJavaScript as () => Json).call(value);
  }
  // The remaining values are nested messages.
  const nested = messageToJson(value);
  return Object.keys(nested).length === 0 ? undefined : nested;
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "toObject" in value && typeof value.toObject === "function";
}
