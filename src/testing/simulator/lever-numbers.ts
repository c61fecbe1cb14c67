/** The check of the numbers that levers and options take. */

/** The largest int64. */
export const maxInt64 = 2n ** 63n - 1n;

/**
 * Checks numbers by their names. Undefined ones are skipped.
 * @throws RangeError that names the first one that is not a whole number from `min` to `max`
 */
export function checkWhole(
  numbers: Record<string, number | bigint | undefined>,
  min: number,
  max: number | bigint,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined) continue;
    const isWhole = typeof value === "bigint" || Number.isInteger(value);
    if (isWhole && value >= min && value <= max) continue;
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}: got ${value}`);
  }
}
