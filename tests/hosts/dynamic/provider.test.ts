import { startDynamicHost } from "../../../src/hosts/dynamic/provider.js";
import type {
  AccountSession,
  CreateOptions,
  Lifecycle,
  Resource,
  ResourceTraits,
} from "../../../src/lifecycle/contract.js";
import { PartialFailure, ResourceFailure } from "../../../src/lifecycle/failures.js";
import { stateVersion } from "../../../src/lifecycle/state.js";
import { unknown } from "../../../src/lifecycle/unknown.js";

const traits: ResourceTraits = { kind: "thing", identity: ["key"], type: "test:Thing", exportName: "thing" };
const marker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const __provider = "the stub";

let printed: string[];
beforeEach(() => {
  printed = [];
  jest.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => jest.restoreAllMocks());

/** A provider of things, and what reaches the resource. */
function makeProvider(lifecycle: Partial<Lifecycle> = {}, resource: Partial<Resource> = {}, host = startDynamicHost()) {
  const accounts: AccountSession[] = [];
  const seen = { check: [] as unknown[], diff: [] as unknown[] };
  const thing: Resource = {
    deleteBeforeReplace: true,
    properties: {
      rows: {},
      allNames: ["key", "size", "phase"],
      inputNames: ["key", "size"],
      managedNames: ["size"],
      readOnlyNames: ["key"],
    },
    check: (news) => {
      seen.check.push(news);
      return { inputs: { ...news }, failures: [] };
    },
    diff: (state, news) => {
      seen.diff.push([state, news]);
      return { changes: undefined, replaces: [] };
    },
    lifecycle: async (account, reporter) => {
      accounts.push(account);
      return {
        create: async () => ({ id: "id-1", state: { key: "a", __managed: [] } }),
        read: async () => ({ found: false }),
        update: async (_id, state) => state,
        delete: async (id) => reporter.progress("deleted", id),
        ...lifecycle,
      };
    },
    ...resource,
  };
  const provider = host(traits, async () => thing);
  return { provider, accounts, seen };
}

/** What the program side adds in an update: the URN, which contains the name. */
const named = (name: string) => ({ __urn: `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/ona:Thing::${name}` });

const noConfig = { config: { get: () => undefined } };
const withToken = { config: { get: (key: string) => (key === "ona:apiKey" ? "a-token" : undefined) } };

describe("check", () => {
  test("decodes unknown values, and removes the URN and the preview mark", async () => {
    const { provider, seen } = makeProvider();
    const news = { key: "a", size: marker, __provider, ...named("web"), __preview: "web" };
    const { inputs, failures } = await provider.check({}, news);
    expect(seen.check).toEqual([{ key: "a", size: unknown }]);
    expect(inputs).toEqual({ key: "a", size: marker, __provider });
    expect(failures).toEqual([]);
  });

  test("removes ignoreChanges, and passes it to the preview and to the create of the same object", async () => {
    const [lookAhead, create] = [jest.fn(async () => undefined), jest.fn(async () => ({ id: "id-1", state: {} }))];
    const { provider } = makeProvider({ lookAhead, create }, { looksAhead: () => true });
    const news = { key: "a", __provider, __preview: "web", __ignoreChanges: ["size", "*"] };
    const { inputs } = await provider.check({}, news);
    expect(inputs).toEqual({ key: "a", __provider });
    expect(lookAhead).toHaveBeenCalledWith({ key: "a" }, ["size", "*"]);
    await provider.create({ key: "a", __provider });
    expect(create).toHaveBeenLastCalledWith({ key: "a" }, expect.objectContaining({ ignoreChanges: ["size", "*"] }));
    await provider.create({ key: "b", __provider });
    expect(create).toHaveBeenLastCalledWith({ key: "b" }, expect.objectContaining({ ignoreChanges: undefined }));
  });

  test("passes the inputs in state to the update of the same object", async () => {
    const update = jest.fn(async (_id, state: object) => state);
    const { provider } = makeProvider({ update });
    const news = { key: "a", size: 2, __provider };
    await provider.check({ key: "a", size: 1, note: null, __provider }, news);
    await provider.update("id-1", { key: "a", size: 7 }, news);
    const [inputs, oldInputs] = [2, 1].map((size) => ({ key: "a", size }));
    expect(update).toHaveBeenLastCalledWith("id-1", { key: "a", size: 7 }, inputs, { oldInputs });
    await provider.check({}, { ...news, key: "b" });
    await provider.update("id-2", { key: "b" }, { ...news, key: "b" });
    expect(update).toHaveBeenLastCalledWith("id-2", { key: "b" }, { key: "b", size: 2 }, {});
  });

  test("refuses a resource whose explicit provider doesn't get the settings of the stack's config", async () => {
    const { provider, seen } = makeProvider();
    await provider.configure(withToken);
    const news = { key: "a", ...named("web"), __config: ["apiKey", "baseUrl", "connections"] };
    const { inputs, failures } = await provider.check({}, news);
    const reason = expect.stringMatching(
      /^The stack's config sets ona:baseUrl, ona:connections, but this resource has an explicit provider/,
    ) as string;
    expect(failures).toEqual([{ property: "", reason }]);
    expect(inputs).toEqual({ key: "a" });
    expect(seen.check).toEqual([]);
    await expect(provider.read("id-1", { key: "a", __config: ["baseUrl"] })).rejects.toThrow(
      "The stack's config sets ona:baseUrl, but",
    );
  });

  test("has the settings of the stack's config at once, because the host does not wait for configure", async () => {
    const { provider } = makeProvider();
    const configured = provider.configure(withToken);
    expect(await provider.check({}, { key: "a", ...named("web"), __config: ["apiKey"] })).toEqual({
      inputs: { key: "a" },
      failures: [],
    });
    await expect(provider.read("id-1", { key: "a", __config: ["apiKey"] })).resolves.toEqual({});
    await configured;
  });

  test.each([
    ["an update", named("web"), named("a::pi")],
    ["a preview", { __preview: "web" }, { __preview: "a::pi" }],
  ])("refuses a second resource that declares the same object in %s", async (_when, first, second) => {
    const { provider } = makeProvider();
    await provider.check({}, { key: "a", ...first });
    const { failures } = await provider.check({}, { key: "a", ...second });
    expect(failures).toEqual([
      { property: "key", reason: "web and a::pi declare a thing with the same key: only one can exist" },
    ]);
  });

  test.each([
    ["in the preview of a create", {}, { __preview: "web" }, 1],
    ["not in an update", {}, {}, 0],
    ["not if the resource exists", { key: "a" }, { __preview: "web" }, 0],
  ])("looks ahead %s", async (_when, olds, marks, times) => {
    const lookAhead = jest.fn(async () => undefined);
    const { provider } = makeProvider({ lookAhead }, { looksAhead: () => true });
    await provider.check(olds, { key: "a", ...marks });
    expect(lookAhead).toHaveBeenCalledTimes(times);
  });

  test("warns once about a missing token", async () => {
    const { provider } = makeProvider();
    await provider.configure(noConfig);
    await provider.check({}, { key: "a" });
    await provider.check({}, { key: "b" });
    expect(printed.filter((line) => /^warning: `pulumi up` will fail: No Ona API token/.test(line))).toHaveLength(1);
  });

  test("refuses a connection that is not configured, unless the name was refused already", async () => {
    const property = "connection";
    const { provider } = makeProvider();
    const { failures } = await provider.check({}, { key: "a", connection: "eu" });
    expect(failures).toEqual([{ property, reason: expect.stringContaining('connection "eu" is not') as string }]);
    const refused = { property, reason: "connection is malformed" };
    const refusing = makeProvider({}, { check: (news) => ({ inputs: { ...news }, failures: [refused] }) });
    expect((await refusing.provider.check({}, { connection: "eu" })).failures).toEqual([refused]);
  });
});

describe("diff", () => {
  test("omits nulls from state and leaves the comparison to the engine", async () => {
    const { provider, seen } = makeProvider();
    const answer = await provider.diff("id-1", { key: "a", phase: null }, { key: "a", size: marker });
    expect(seen.diff).toEqual([[{ key: "a" }, { key: "a", size: unknown }]]);
    expect(answer).toEqual({ replaces: [], deleteBeforeReplace: false });
  });

  test("deletes before a replacement if the resource says so, and prints warning and note", async () => {
    const diff = () => ({ changes: true, replaces: ["key"], warning: "it will fail", note: "it was PENDING" });
    const { provider } = makeProvider({}, { diff });
    const answer = await provider.diff("id-1", { key: "a" }, { key: "b" });
    expect(answer).toEqual({ changes: true, replaces: ["key"], deleteBeforeReplace: true });
    expect(printed).toEqual(["warning: thing: it will fail", "thing id-1: it was PENDING"]);
  });

  test("takes the connection for that of the explicit provider in state that the plugin wrote", async () => {
    const { provider, seen } = makeProvider();
    const news = { key: "a", connection: "eu", __provider };
    expect(await provider.diff("id-1", { key: "a", connection: null }, news)).toMatchObject({ changes: true });
    await provider.diff("id-1", { key: "a", connection: null, __provider }, news);
    const inputs = { key: "a", connection: "eu" };
    expect(seen.diff).toEqual([
      [inputs, inputs],
      [{ key: "a" }, inputs],
    ]);
  });

  test("refuses state that a newer release has written, without a stack", async () => {
    const { provider } = makeProvider();
    const error = await provider.diff("id-1", { __version: stateVersion + 1 }, {}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      stack: expect.stringMatching(/^The state of this resource was written by a newer/) as string,
    });
  });
});

describe("create, read and update", () => {
  test("store null for outputs that are not set, managed or read-only", async () => {
    const state = { key: "a", __managed: [] };
    const { provider } = makeProvider({ read: async () => ({ found: true, state: {}, inputs: { key: "a" } }) });
    await expect(provider.create({ key: "a" })).resolves.toEqual({
      id: "id-1",
      outs: { ...state, size: null, phase: null },
    });
    await expect(provider.update("id-1", { ...state, phase: null }, {})).resolves.toEqual({
      outs: { ...state, size: null, phase: null },
    });
    await expect(provider.read("id-1", { key: "a" })).resolves.toEqual({
      id: "id-1",
      props: { key: null },
      inputs: { key: "a" },
    });
  });

  test("a read of a missing object returns nothing", async () => {
    await expect(makeProvider().provider.read("id-1", { key: "a" })).resolves.toEqual({});
  });

  test("a partial failure keeps id, outputs and the provider's text", async () => {
    const create = () => Promise.reject(new PartialFailure("id-1", { key: "a", __managed: [] }, "it is DEGRADED"));
    const error = await makeProvider({ create })
      .provider.create({ key: "a", __provider })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      id: "id-1",
      properties: { key: "a", size: null, phase: null, __managed: [], __provider },
      reasons: ["it is DEGRADED"],
      stack: "it is DEGRADED",
    });
  });

  test("a create learns that the process is told to exit only from its own guard", async () => {
    const create = jest.fn(async (_inputs: object, { interrupt }: CreateOptions) => {
      expect(interrupt?.aborted).toBe(false);
      expect(process.listenerCount("SIGINT")).toBeGreaterThan(before);
      return { id: "id-1", state: {} };
    });
    const before = process.listenerCount("SIGINT");
    await makeProvider({ create }).provider.create({ key: "a" });
    expect(create).toHaveBeenCalledTimes(1);
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});

describe("customTimeouts", () => {
  const timeouts = { create: "1m", update: "2m", delete: "3m" };
  const limit = (minutes: number) => expect.objectContaining({ timeoutMs: minutes * 60_000 }) as object;

  test("limit each operation, and stay in inputs and state, where a delete finds them", async () => {
    const calls = {
      create: jest.fn(async () => ({ id: "id-1", state: { key: "a", __managed: [] } })),
      read: async () => ({ found: true, state: { key: "a", __managed: [] }, inputs: { key: "a" } }) as const,
      update: jest.fn(async () => ({ key: "a", __managed: [] })),
      delete: jest.fn(async () => undefined),
    };
    const { provider } = makeProvider(calls);
    const news = { key: "a", __provider, __timeouts: timeouts };
    expect((await provider.check({}, news)).inputs).toEqual(news);
    const { outs } = await provider.create(news);
    expect(calls.create).toHaveBeenCalledWith({ key: "a" }, limit(1));
    expect(outs).toMatchObject({ __timeouts: timeouts });
    const read = await provider.read("id-1", { ...outs });
    expect(read).toMatchObject({ props: { __timeouts: timeouts }, inputs: { __timeouts: timeouts } });
    expect((await provider.update("id-1", { ...outs }, news)).outs).toEqual(outs);
    expect(calls.update).toHaveBeenCalledWith("id-1", expect.anything(), { key: "a" }, limit(2));
    await provider.delete("id-1", { ...outs });
    expect(calls.delete).toHaveBeenCalledWith("id-1", expect.anything(), limit(3));
    await provider.delete("id-1", { key: "a", __timeouts: { create: "1m" } });
    expect(calls.delete).toHaveBeenLastCalledWith("id-1", expect.anything(), { timeoutMs: undefined });
  });

  test("leave the state when the program no longer sets them", async () => {
    const { provider } = makeProvider({ update: async (_id, state) => state });
    const { outs } = await provider.update("id-1", { key: "a", __timeouts: timeouts }, { key: "a" });
    expect(outs).not.toHaveProperty("__timeouts");
  });

  test.each([
    [{ delete: "1h" }, undefined],
    [{ delete: "3m" }, false],
    [{ delete: "3m", create: "9m", update: "9m" }, false],
    [undefined, undefined],
  ])(
    "are a change only if the timeout of a delete differs, which a later run takes from state: %j",
    async (now, changes) => {
      const { provider } = makeProvider({}, { diff: () => ({ changes: false, replaces: [] }) });
      const olds = { key: "a", __timeouts: { delete: "3m" } };
      const diff = await provider.diff("id-1", olds, { key: "a", ...(now && { __timeouts: now }) });
      expect(diff.changes).toBe(changes);
    },
  );

  test.each(["1s", "1h30m", "1000h", marker])("with %p pass", async (create) => {
    const { failures } = await makeProvider().provider.check({}, { key: "a", __timeouts: { create } });
    expect(failures).toEqual([]);
  });

  test.each([
    ["0s", '"0s"'],
    ["-1s", '"-1s"'],
    ["", '""'],
    ["soon", '"soon"'],
    ["90", '"90"'],
    ["90 of your minutes", "a string"],
    [90, "a number"],
    [null, "null"],
    [["1s"], "a list"],
    [{}, "an object"],
  ])("with %j are refused by operation", async (value, shown) => {
    const { failures } = await makeProvider().provider.check({}, { __timeouts: { create: "1m", delete: value } });
    const reason = `customTimeouts.delete must be a positive duration such as "90s" or "1h30m", got ${shown}`;
    expect(failures).toEqual([{ property: "customTimeouts.delete", reason }]);
  });
});

describe("delete", () => {
  test("leaves an object alone that another resource of the program keeps, and names the resource", async () => {
    const remove = jest.fn(async () => undefined);
    const { provider } = makeProvider({ delete: remove });
    await provider.check({}, { key: "a", ...named("web") });
    await provider.diff("id-1", { key: "a" }, { key: "a" });
    await provider.delete("id-1", { key: "a" });
    expect(remove).not.toHaveBeenCalled();
    expect(printed.at(-1)).toBe(
      "thing web (id-1): it is not deleted with the old resource, because another resource of this stack has it",
    );
    await provider.delete("id-2", { key: "a" });
    expect(remove).toHaveBeenCalledTimes(1);
  });

  test("sends an id that someone edited in state as the API has it, and a read corrects it in state", async () => {
    const id = "0F4B6F0A-5F0E-4A57-9D8E-1F3C6A0D9B11";
    const seen: string[] = [];
    const { provider } = makeProvider({
      read: async (id) => (seen.push(id), { found: true, state: {}, inputs: {} }),
      update: async (id, state) => (seen.push(id), state),
      delete: async (id) => void seen.push(id),
    });
    expect(await provider.read(id, {})).toMatchObject({ id: id.toLowerCase() });
    await provider.update(id, {}, {});
    await provider.delete(id, {});
    expect(seen).toEqual(Array(3).fill(id.toLowerCase()));
    await provider.check({}, { key: "b" });
    await provider.diff(id, {}, { key: "b" });
    await provider.delete(id.toLowerCase(), {});
    expect(printed.at(-1)).toContain(
      "it is not deleted with the old resource, because another resource of this stack has it",
    );
  });

  test("shows the message of an expected error and no stack", async () => {
    const { provider } = makeProvider({ delete: () => Promise.reject(new ResourceFailure("it is not gone")) });
    const error = await provider.delete("id-1", { key: "a" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: "it is not gone", stack: "it is not gone" });
  });
});

describe("the dynamic host", () => {
  test("shares one account between the providers that it makes", async () => {
    const host = startDynamicHost();
    const [one, other] = [makeProvider({}, {}, host), makeProvider({}, {}, host)];
    await one.provider.configure(withToken);
    await one.provider.create({ key: "a" });
    await other.provider.create({ key: "b" });
    expect(one.accounts[0]).toBe(other.accounts[0]);
  });

  test("shares nothing with another host", async () => {
    const [one, other] = [makeProvider(), makeProvider()];
    await one.provider.create({ key: "a" });
    await other.provider.create({ key: "a" });
    expect(one.accounts[0]?.process).not.toBe(other.accounts[0]?.process);
    await one.provider.check({}, { key: "a", ...named("web") });
    await expect(other.provider.check({}, { key: "a", ...named("api") })).resolves.toMatchObject({ failures: [] });
  });

  test("loads a resource on first use", async () => {
    const load = jest.fn(async (): Promise<Resource> => Promise.reject(new Error("not needed")));
    const provider = startDynamicHost()(traits, load);
    await provider.configure(noConfig);
    expect(load).not.toHaveBeenCalled();
  });
});
