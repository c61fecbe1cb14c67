/** The oldest Node.js version that tests run on. */
const minNodeVersion = "22.19";

/**
 * A check that warns the first time it is called, if this process runs on a Node.js that is too old. It only warns,
 * because most things work on the versions that `engines` in package.json accepts.
 * @param version such as `v20.20.0`. One that cannot be parsed is accepted
 */
export function createNodeCheck(warn: (line: string) => void, version = process.version): () => void {
  const [major = Infinity, minor = 0] = numbersIn(version);
  const [minMajor = 0, minMinor = 0] = numbersIn(minNodeVersion);
  let isDone = major > minMajor || (major === minMajor && minor >= minMinor);
  return () => {
    if (isDone) return;
    isDone = true;
    warn(
      `pulumi-ona needs Node.js ${minNodeVersion} or newer, but this process runs ${version}. Operations may fail with errors such as ` +
        '"… is not a function". Put a newer node first on the PATH, where Pulumi finds it',
    );
  };
}

const numbersIn = (version: string) => (/^v?(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
