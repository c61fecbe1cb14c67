/** Helpers for tests of invalid settings. */
import { ConfigError } from "../../src/settings/settings.js";

/** Returns the message of the ConfigError that a read throws. */
export function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("it was not refused");
}
