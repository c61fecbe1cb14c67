/** The resource option `ignoreChanges`: a list of property paths. */

/** Whether the paths cover a whole property: `maxSize`, `["maxSize"]`, or `*` for all properties. */
export function isIgnored(property: string, paths: readonly string[]): boolean {
  const covering = [property, `["${property}"]`, "*", "[*]", '["*"]'];
  return paths.some((path) => covering.includes(path));
}
