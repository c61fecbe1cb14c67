import * as pulumi from "@pulumi/pulumi";
import { getWarmPoolOutput, type WarmPool } from "pulumi-ona";

beforeAll(async () => {
  pulumi.runtime.setAllConfig({ "ona-testing:project": "a project", "ona-testing:environmentClass": "a class" });
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: { ...(inputs as object), phase: "READY" } }),
    call: ({ token, inputs }) => {
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
