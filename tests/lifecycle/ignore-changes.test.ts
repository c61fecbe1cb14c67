import { isIgnored } from "../../src/lifecycle/ignore-changes.js";

test.each([
  ["maxSize", true],
  ['["maxSize"]', true],
  ["*", true],
  ["[*]", true],
  ["minSize", false],
  ["maxSize.x", false],
  ["maxSize[0]", false],
  ["*.x", false],
  ["", false],
])("the path %s covers maxSize: %s", (path, expected) => {
  expect(isIgnored("maxSize", ["connection", path])).toBe(expected);
});
