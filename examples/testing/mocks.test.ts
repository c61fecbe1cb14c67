import * as pulumi from "@pulumi/pulumi";
import { getWarmPoolOutput, type WarmPool } from "pulumi-ona";

beforeAll(async () => {
  pulumi.runtime.setAllConfig({ "ona-testing:project": "storefront", "ona-testing:environmentClass": "regular" });
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: { ...(inputs as object), phase: "READY" } }),
    call: ({ token, inputs }) => {
      if (token === "ona:index:getProject") return { ...(inputs as object), id: "project-id" };
      if (token === "ona:index:getEnvironmentClass") return { ...(inputs as object), id: "class-id" };
      if (token === "ona:index:getWarmPool") return { ...(inputs as object), phase: "READY", desiredSize: 2 };
      throw new Error(`there is no mock for ${token}`);
    },
  };
  await pulumi.runtime.setMocks(mocks, "ona-testing", "dev");
});

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

test("the stack exports the phase of its pool", async () => {
  const { phase } = jest.requireActual<{ phase: WarmPool["phase"] }>("./index");
  expect(await valueOf(phase)).toBe("READY");
});

test("a function returns what the mock returns", async () => {
  expect(await valueOf(getWarmPoolOutput({ id: "web-id" }).desiredSize)).toBe(2);
});
