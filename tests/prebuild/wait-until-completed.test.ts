/** What is shown of a run's log. */
import { createPrebuild } from "../../src/prebuild/lifecycle.js";
import { type Bench, bench } from "../support/prebuild-api.js";
import { create, failedCreate, keptBy } from "../support/prebuild-life.js";
import { prebuildId } from "../support/messages.js";
import { declared, live, logUrl, pending, running } from "../support/prebuilds.js";
import { hangs, late, refusal } from "../support/scripted.js";

const failed = live({ phase: "FAILED", failureMessage: "exit code 1" });
const log = "one\ntwo\nthree\n";
const lines = ["one", "two", "three"].map((line) => `${prebuildId}: ${line}`);
const text = { token: ["secret-token"], log: [log] };

describe.each([
  ["nothing said", undefined],
  ["onFailure", "onFailure" as const],
])("with %s", (_what, logs) => {
  const inputs = declared(logs === undefined ? {} : { logs });

  test.each(["FAILED", "CANCELLED"])("a %s run shows the end of its log", async (phase) => {
    const { error, shown, sent, progress } = await failedCreate(
      { create: [pending()], get: [live({ phase, failureMessage: "no" })], ...text },
      inputs,
    );
    expect(shown).toEqual(lines);
    expect(progress.at(-1)).toBe(`${prebuildId}: its log:`);
    expect(sent("log")).toEqual([{ url: logUrl, token: "secret-token" }]);
    expect(keptBy(error).phase).toBe(phase);
  });

  test("a COMPLETED run shows no log", async () => {
    const { rpcs, shown } = await create({ create: [pending()], get: [live()] }, inputs);
    expect(rpcs()).toEqual(["create", "get"]);
    expect(shown).toEqual([]);
  });
});

test("shows the last 200 lines of a long log and the number of all lines", async () => {
  const long = Array.from({ length: 1_000 }, (_, line) => `line ${line + 1}\n`).join("");
  const { shown, progress } = await failedCreate({ create: [failed], token: ["t"], log: [long] });
  expect(shown).toHaveLength(200);
  expect(shown[0]).toBe(`${prebuildId}: line 801`);
  expect(shown.at(-1)).toBe(`${prebuildId}: line 1000`);
  expect(progress).toEqual([`${prebuildId}: the last 200 of the 1000 lines of its log:`]);
});

test.each([
  ["one\n", "its log:"],
  ["", "its log is empty"],
])("announces the log %j as %j", async (content, said) => {
  const { progress } = await failedCreate({ create: [failed], token: ["t"], log: [content] });
  expect(progress).toEqual([`${prebuildId}: ${said}`]);
});

test("requests no token for a run without a log", async () => {
  const { progress, rpcs } = await failedCreate({ create: [live({ phase: "FAILED", logUrl: undefined })] });
  expect(progress).toEqual([`${prebuildId}: it has no log`]);
  expect(rpcs()).toEqual(["create"]);
});

test.each([
  ["no token", { token: [refusal("permission_denied")] }],
  ["no log", { token: ["secret-token"], log: [refusal("unimplemented", { origin: "redirect" })] }],
])("fails with the same error if it gets %s", async (_what, script) => {
  const { error, warnings } = await failedCreate({ create: [failed], ...script });
  expect(keptBy(error)).toMatchObject({ phase: "FAILED" });
  expect(keptBy(error)).not.toHaveProperty("__unfinished");
  expect(error.message).toContain(`The prebuild ${prebuildId} FAILED: exit code 1`);
  expect(warnings).toEqual([expect.stringMatching(`^${prebuildId}: its log could not be read: `)]);
  expect(JSON.stringify([warnings, error])).not.toContain("secret-token");
});

test("gives up on a log without a response", async () => {
  const { error, clock } = await failedCreate({ create: [failed], token: ["t"], log: [hangs()] });
  expect(keptBy(error).phase).toBe("FAILED");
  expect(clock.monotonic()).toBeLessThanOrEqual(60_000);
});

describe("with none", () => {
  test.each(["FAILED", "CANCELLED"])("a %s run shows no log", async (phase) => {
    const { rpcs, shown } = await failedCreate({ create: [live({ phase })] }, declared({ logs: "none" }));
    expect(rpcs()).toEqual(["create"]);
    expect(shown).toEqual([]);
  });
});

describe("with stream", () => {
  const inputs = declared({ logs: "stream" });

  test("a COMPLETED run shows all of its log before it reports the completion", async () => {
    const { shown, progress } = await create({ create: [pending()], get: [running(), live()], ...text }, inputs);
    expect(shown).toEqual(lines);
    expect(progress.at(-1)).toMatch(/: COMPLETED/);
  });

  test("a FAILED run shows each line once", async () => {
    const { shown, error } = await failedCreate({ create: [pending()], get: [running(), failed], ...text }, inputs);
    expect(shown).toEqual(lines);
    expect(keptBy(error).phase).toBe("FAILED");
  });

  test.each([
    ["COMPLETED", live()],
    ["FAILED", failed],
  ])("a log that can not be read does not change the outcome of a %s run", async (phase, end) => {
    const script = { create: [pending()], get: [running(), end], token: [refusal("permission_denied")] };
    if (phase === "COMPLETED") {
      const { result, warnings } = await create(script, inputs);
      expect(result.state).toMatchObject({ phase });
      expect(warnings).toHaveLength(1);
    } else {
      const { error, warnings } = await failedCreate(script, inputs);
      expect(keptBy(error)).toMatchObject({ phase });
      expect(warnings).toHaveLength(1);
    }
  });

  test.each(["COMPLETED", "FAILED"])("reads the archive of a %s run once", async (phase) => {
    const archive = "https://logs.example/archive";
    const played = bench({ create: [pending()], get: [running(), live({ phase, logUrl: archive })], ...text });
    await played.clock.run(createPrebuild(played.context, inputs).catch(() => undefined));
    expect(played.sent("log").filter((sent) => (sent as { url: string }).url === archive)).toHaveLength(1);
    expect(played.shown).toEqual(lines);
  });

  test("shows lines while the run is in progress", async () => {
    const played: Bench = bench({
      create: [pending()],
      get: [
        running(),
        () => {
          expect(played.shown).toEqual(lines);
          return live();
        },
      ],
      ...text,
    });
    await played.clock.run(createPrebuild(played.context, inputs));
    expect(played.sent("get")).toHaveLength(2);
  });

  test("waits for the end of a log that comes late", async () => {
    const played: Bench = bench({
      create: [pending({ logUrl: undefined })],
      get: [live()],
      ...text,
      log: [late(() => played.clock, 2_000, log)],
    });
    await played.clock.run(createPrebuild(played.context, inputs));
    expect(played.shown).toEqual(lines);
  });

  test("stops reading when the wait fails", async () => {
    const { error, calls } = await failedCreate(
      { create: [pending()], get: [running(), refusal("permission_denied")], ...text },
      inputs,
    );
    expect(keptBy(error).__unfinished).toBe(true);
    expect(calls.at(-1)?.rpc).toBe("get");
  });

  test("does not follow the log of a run that is not waited for", async () => {
    const { rpcs } = await create({ create: [pending()] }, { ...inputs, waitForCompletion: false });
    expect(rpcs()).toEqual(["create"]);
  });
});
