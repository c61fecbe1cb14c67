/**
 * Whether the package works with this Node. Nothing enforces it: Pulumi runs program and provider with the first `node`
 * on the PATH.
 */

/** The oldest supported version, the same as `engines` in package.json (a test compares them). */
export const minNodeVersion = "22.19";

/**
 * Explains that Node is too old. That is a warning only, since most things work.
 * @param version such as `process.version`: `v20.20.0`
 * @returns undefined if it is new enough, or cannot be parsed
 */
export function describeNodeProblem(version: string): string | undefined {
  const [, majorAndMinor] = /^v?(\d+\.\d+)/.exec(version) ?? [];
  if (majorAndMinor === undefined) return undefined;
  if (majorAndMinor.localeCompare(minNodeVersion, "en", { numeric: true }) >= 0) return undefined;
  return (
    `pulumi-ona needs Node.js ${minNodeVersion} or newer, but this process runs ${version}. Operations may fail with errors such as ` +
    '"… is not a function". Put a newer node first on the PATH: Pulumi runs program and provider with it'
  );
}

/** A check that warns the first time it is called, if this process runs on a Node.js that is too old. */
export function createNodeCheck(warn: (line: string) => void, version = process.version): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    const problem = describeNodeProblem(version);
    if (problem !== undefined) warn(problem);
  };
}
