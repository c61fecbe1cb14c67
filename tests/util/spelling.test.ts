import { findSimilarName } from "../../src/util/spelling";

test.each([
  ["minsize", ["maxSize", "minSize"], "minSize"],
  ["minSiez", ["maxSize", "minSize"], "minSize"],
  ["projectid", ["projectIds", "projectId"], "projectId"],
  ["projct", ["projectId", "project"], "project"],
  ["environmentClass", ["projectId", "environmentClassId"], "environmentClassId"],
  ["size", ["desiredSize"], undefined],
  ["xy", ["id"], undefined],
  ["i", ["id"], "id"],
  ["", ["id"], undefined],
  ["minSize", [], undefined],
])("suggests for %j the closest of %j", (text, names, expected) => {
  expect(findSimilarName(text, names)).toBe(expected);
});

test.each([
  ["kitten", "sitten", 1],
  ["kitten", "sittin", 2],
  ["environments", "nvironmentses", 3],
  ["environments", "envrionmentsxx", 4],
])("%s is similar to %s only if %i edits are few enough", (text, name, edits) => {
  expect(findSimilarName(text, [name])).toBe(edits <= Math.max(2, name.length / 3) ? name : undefined);
});
