/** The expected hashes are those of the Pulumi engine (3.260) for the same content. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { withContentHashes } from "../../../../src/testing/engine/state/asset-hashes.js";

import { isPlainMap, Secret, signatureKey } from "../../../../src/testing/engine/state/property-values.js";

const asset = (properties: object) => ({ [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", ...properties });
const archive = (properties: object) => ({ [signatureKey]: "0def7320c3a5731c473e5ecbe6d01bc7", ...properties });

const [hello, empty, tree] = [asset({ text: "hello" }), asset({ path: "empty" }), archive({ path: "tree" })];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pulumi-ona-assets-"));
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  write("empty", "");
  write("files.zip", "PKzip");
  write("tree/b.txt", "one");
  write("tree/sub/a", "two");
  write("tree/sub.txt", "x");
  write("tree/.pulumi/x", "no");
  write(`tree/${"p".repeat(60)}/${"q".repeat(60)}`, "long");
  symlinkSync("b.txt", join(folder, "tree/link"));
  symlinkSync("sub", join(folder, "tree/linkdir"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["a text", hello, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"],
  ["an empty file", empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  [
    "an archive file",
    archive({ path: "files.zip" }),
    "1b9e3b689021de23995bbddbba4a61602097aa2e19d57aea0cfc06129d99cb4a",
  ],
  ["a folder", tree, "18e6e4f12f7e5f8578de0f446534d6fa5deb43db75c8e92157b05b985a8db520"],
  [
    "a map of assets and archives",
    archive({ assets: { z: hello, a: empty, n: tree } }),
    "7be2b6e24caae62918da572092e7818d942773c56c52a5fa71d3606218ae1b8b",
  ],
  ["a map of nothing", archive({ assets: {} }), "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"],
])("hashes %s like the Pulumi engine", (_what, value, hash) => {
  expect(withContentHashes({ value }, folder)["value"]).toMatchObject({ hash });
});

test("adds hashes to nested assets and removes the marks of the SDK's classes", () => {
  const given = asset({ text: "hello", __pulumiAsset: true });
  const { hash } = withContentHashes({ hello }, folder)["hello"] as { hash: string };
  const { list, secret, plain } = withContentHashes({ list: [{ given }], secret: new Secret(given), plain: 1 }, folder);
  expect(list).toEqual([{ given: { ...hello, hash } }]);
  expect(secret).toEqual(new Secret({ ...hello, hash }));
  expect(plain).toBe(1);
});

test("adds no hash to a remote asset, and names the path of a missing one", () => {
  const remote = withContentHashes({ value: asset({ uri: "https://example.com/a" }) }, folder)["value"];
  expect(isPlainMap(remote ?? null) && remote).not.toHaveProperty("hash");
  expect(() => withContentHashes({ value: asset({ path: "nowhere" }) }, folder)).toThrow(/ENOENT.*nowhere/);
});
