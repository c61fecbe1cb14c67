/** The oldest supported Node.js version, the same as `engines` in package.json (a test compares them). */
export const minNodeVersion = "22.19";

/**
 * A check that warns the first time it is called, if this process runs on a Node.js that is too old. It only warns,
 * because most things work. Nothing enforces the version: Pulumi runs program and provider with the first `node` on the
 * PATH.
 * @param version such as `v20.20.0`. One that cannot be parsed is accepted
 */
export function createNodeCheck(warn: (line: string) => void, version = process.version): () => void {
  const [, majorAndMinor = minNodeVersion] = /^v?(\d+\.\d+)/.exec(version) ?? [];
  let isDone = majorAndMinor.localeCompare(minNodeVersion, "en", { numeric: true }) >= 0;
  return () => {
    if (isDone) return;
    isDone = true;
    warn(
      `pulumi-ona needs Node.js ${minNodeVersion} or newer, but this process runs ${version}. Operations may fail with errors such as ` +
        '"… is not a function". Put a newer node first on the PATH: Pulumi runs program and provider with it',
    );
  };
}
