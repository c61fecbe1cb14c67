/** Calls the real dynamic provider process over gRPC with all kinds of inputs. */
import { ProviderProcess, unknownMarker, warmPoolStub } from "../support/provider-process";

const good = {
  projectId: "b0e12f6c-4c67-429d-a4a6-d9838b5da047",
  environmentClassId: "d2c94c27-3b76-4a42-b88c-95a85e392c68",
};
const state = { ...good, minSize: 1, maxSize: 4, phase: "READY", __managed: ["minSize", "maxSize"], __version: 1 };

let provider: ProviderProcess;
beforeAll(async () => {
  provider = await ProviderProcess.start({}, { ONA_API_KEY: "a-token" });
});
afterAll(() => provider[Symbol.asyncDispose]());

test.each<[what: string, inputs: object, property: string, reason: string]>([
  ["no project", { environmentClassId: good.environmentClassId }, "projectId", "projectId is required"],
  ["a null project", { ...good, projectId: null }, "projectId", "projectId is required"],
  ["an empty project", { ...good, projectId: "" }, "projectId", "projectId must be a UUID such as"],
  ["a malformed project", { ...good, projectId: "storefront" }, "projectId", "projectId must be a UUID such as"],
  ["a number for a class", { ...good, environmentClassId: 7 }, "environmentClassId", "must be a UUID, got a number"],
  ["a list for a class", { ...good, environmentClassId: [] }, "environmentClassId", "must be a UUID, got a list"],
  ["a size below 0", { ...good, minSize: -1 }, "minSize", "must be a whole number from 0 to 20, got -1"],
  ["a size above 20", { ...good, maxSize: 21 }, "maxSize", "must be a whole number from 1 to 20, got 21"],
  ["no instances at all", { ...good, maxSize: 0 }, "maxSize", "must be a whole number from 1 to 20, got 0"],
  ["a fraction", { ...good, minSize: 1.5 }, "minSize", "must be a whole number from 0 to 20, got 1.5"],
  ["a size in words", { ...good, minSize: "2" }, "minSize", "must be a whole number from 0 to 20, got a string"],
  ["no number", { ...good, minSize: NaN }, "minSize", "must be a whole number from 0 to 20, got NaN"],
  ["crossed sizes", { ...good, minSize: 5, maxSize: 2 }, "maxSize", "maxSize (2) must not be smaller than minSize (5)"],
  ["a misspelt property", { ...good, minsize: 1 }, "minsize", "Did you mean minSize?"],
  ["another name", { ...good, colour: "red" }, "colour", "is not a property of this resource in pulumi-ona"],
  ["a prototype's name", { ...good, constructor: 1 }, "constructor", "is not a property of this resource"],
  ["an output", { ...good, desiredSize: 3 }, "desiredSize", "is an output and cannot be set"],
  ["yes for true", { ...good, adoptExisting: "yes" }, "adoptExisting", "must be true or false, got a string"],
  ["true in quotes", { ...good, waitForReady: "true" }, "waitForReady", 'must be "ifSnapshot", true or false'],
])("check refuses %s and names the property", async (_, inputs, property, reason) => {
  const { failures } = await provider.check({ ...inputs });
  expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) as string }]);
});

test.each(["projectId", "environmentClassId", "minSize", "maxSize", "adoptExisting", "waitForReady"])(
  "check passes an unknown %s through unchanged",
  async (property) => {
    const { inputs, failures } = await provider.check({ ...good, [property]: unknownMarker });
    expect(failures).toEqual([]);
    expect(inputs[property]).toBe(unknownMarker);
  },
);

test("check keeps the declared inputs, adds nothing, and drops the preview mark", async () => {
  const { inputs, failures } = await provider.check({ ...good, minSize: 2, __preview: "web" });
  expect(failures).toEqual([]);
  expect(inputs).toEqual({ ...good, minSize: 2, __provider: warmPoolStub });
});

test.each<[what: string, news: object, answer: object]>([
  ["nothing new", { ...good, minSize: 1, maxSize: 4 }, { changes: "none", replaces: [] }],
  ["another size", { ...good, minSize: 2, maxSize: 4 }, { changes: "unknown", replaces: [] }],
  ["a size less", { ...good, minSize: 1 }, { changes: "unknown", replaces: [] }],
  [
    "a size that is not known yet",
    { ...good, minSize: unknownMarker, maxSize: 4 },
    { changes: "unknown", replaces: [] },
  ],
  [
    "another project",
    { ...good, projectId: good.environmentClassId, minSize: 1, maxSize: 4 },
    { replaces: ["projectId"], deleteBeforeReplace: true },
  ],
  [
    "ids that are not known yet",
    { projectId: unknownMarker, environmentClassId: unknownMarker, minSize: 1, maxSize: 4 },
    { replaces: ["projectId", "environmentClassId"], deleteBeforeReplace: true },
  ],
  [
    "another way to wait",
    { ...good, minSize: 1, maxSize: 4, waitForReady: false },
    { changes: "unknown", replaces: [] },
  ],
])("diff of %s leaves the comparison to the engine", async (_, news, answer) => {
  expect(await provider.diff(state, { ...news })).toMatchObject(answer);
});

test("diff reports a pending update for a pool that did not become ready", async () => {
  const unfinished = { ...state, phase: "PENDING", __unfinished: true };
  expect(await provider.diff(unfinished, { ...good, minSize: 1, maxSize: 4 })).toMatchObject({ changes: "some" });
});

test("check loads neither undici nor zod", async () => {
  // The engine's preload defers zod's languages.
  const hook = `data:text/javascript,process.on("SIGUSR2",()=>{const{createRequire}=process.getBuiltinModule("module");console.log("loaded "+Object.keys(createRequire("/").cache).filter((f)=>/node_modules.(undici|zod|@connectrpc|@bufbuild)./.test(f)&&!/v4.locales/.test(f)).length)})`;
  await using fresh = await ProviderProcess.start(
    {},
    { ONA_API_KEY: "a-token", NODE_OPTIONS: `--import ${JSON.stringify(hook)}` },
  );
  await fresh.check({ ...good });
  const loaded = await fresh.ask("SIGUSR2", /^loaded (\d+)$/);
  expect(loaded).toBe("0");
});

test("the process exits at once on a signal when no create is running", async () => {
  const idle = await ProviderProcess.start();
  await idle.check({ ...good });
  await idle[Symbol.asyncDispose]();
  expect(idle.signal).toBe("SIGINT");
});
