import { findSimilarName, findSimilarNames } from "../../src/util/spelling";

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

test.each([
  ["Storefront", ["docs", "storefront", "data-platform"], ["storefront"]],
  ["store", ["storefront", "storefront-api", "docs"], ["storefront", "storefront-api"]],
  ["web", ["docs", "data-platform"], []],
  ["ab", ["qa", "xy", "ac"], ["ac"]],
  ["api-4", ["api-1", "api-2", "api-3", "api-5"], ["api-1", "api-2", "api-3"]],
])("finds names similar to %j among %j", (text, names, expected) => {
  expect(findSimilarNames(text, names)).toEqual(expected);
});
