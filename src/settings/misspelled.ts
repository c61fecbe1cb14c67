/** Finds misspelled settings in Pulumi config. */
import { findSimilarName } from "../util/spelling.js";
import { sanitize } from "../util/text.js";

/**
 * Returns a warning if a name resembles a setting. Others may be the program's own, if its project is called ona.
 * @param name without `ona:`
 */
export function describeMisspelling(name: string, settings: readonly string[]): string | undefined {
  const meant = settings.includes(name) ? undefined : findSimilarName(name, settings);
  if (meant === undefined) return undefined;
  return sanitize(`ona:${name} is not a setting of pulumi-ona. Did you mean ona:${meant}?`);
}
