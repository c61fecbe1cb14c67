import { checkConfig } from "../../../src/hosts/native/provider-config.js";

afterEach(() => jest.restoreAllMocks());

test.each([
  ["a setting of the stack", { baseUrl: "nowhere" }, undefined, "baseUrl"],
  ["an argument of an explicit provider", { baseUrl: "nowhere" }, "eu", "baseUrl"],
  ["a variable, which is no property", {}, undefined, ""],
])("checkConfig names the property if what is wrong is %s", (_what, config, provider, property) => {
  jest.replaceProperty(process, "env", { ONA_BASE_URL: "nowhere" });
  expect(checkConfig(config, provider)).toEqual([
    { property, reason: expect.stringContaining(" is not a URL. ") as string },
  ]);
});
