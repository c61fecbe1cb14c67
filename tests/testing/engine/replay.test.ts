import { recordingNames } from "./recorded-commands.js";
import { replay } from "./replay.js";

// Several recordings run at the same time on a busy machine.
jest.setTimeout(300_000);

describe("the test engine behaves like the recorded Pulumi engine with dynamic providers", () => {
  test.concurrent.each(recordingNames("dynamic"))("%s", (name) => replay("dynamic", name));
});

describe("the test engine behaves like the recorded Pulumi engine with a provider plugin", () => {
  test.concurrent.each(recordingNames("native"))("%s", (name) => replay("native", name));
});
