import { describeMisspelling } from "../../src/settings/misspelled.js";

test.each([
  ["apikey", "ona:apikey is not a setting of pulumi-ona. Did you mean ona:apiKey?"],
  ["apiKey", undefined],
  ["region", undefined],
])("the name %j is misspelled if it resembles a setting, and otherwise the program's own", (name, warning) => {
  expect(describeMisspelling(name, ["apiKey", "baseUrl"])).toEqual(warning);
});
