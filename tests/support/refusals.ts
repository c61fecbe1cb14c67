/** Reading settings that are bad. */
import { ConfigError } from "../../src/settings/settings.js";

/** The message of the ConfigError that a read fails with. */
export function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}
