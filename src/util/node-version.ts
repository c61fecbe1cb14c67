/** Whether this process runs on a Node that the package works with. Nothing keeps people from another one: the `node` that is first on the PATH runs both program and provider. */

/** The least version, as `engines` in package.json has it; a test compares them. */
export const minNodeVersion = "22.19";

/**
 * What to tell people about a Node that is too old. It is not refused: most of it works.
 * @param version as `process.version` has it: `v20.20.0`
 * @returns undefined where there is nothing to tell, or the version cannot be read
 */
export function describeNodeProblem(version: string): string | undefined {
  const [major, minor] = numbersOf(version);
  const [leastMajor = 0, leastMinor = 0] = numbersOf(minNodeVersion);
  if (major === undefined || minor === undefined) return undefined;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return (
    `pulumi-ona needs Node.js ${minNodeVersion} or newer; this process runs ${version}: what Node lacks may fail in the middle of an operation, with errors such as "… is not a function". ` +
    "Put a newer node first on the PATH, which Pulumi runs program and provider with"
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

function numbersOf(version: string): readonly number[] {
  return (/^v?(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
}
