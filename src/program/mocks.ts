/** Unit tests of programs: `pulumi.runtime.setMocks`. */
import * as pulumi from "@pulumi/pulumi";

/** Whether the program runs on mocks, without an engine and a provider. */
export function hasMocks(): boolean {
  const monitor: unknown = pulumi.runtime.getMonitor();
  return typeof monitor === "object" && monitor !== null && "mocks" in monitor;
}
