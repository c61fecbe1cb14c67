/** Each RPC: its request, and how its response is parsed. */
import fc from "fast-check";
import type { OnaClient, PrebuildMessage, WarmPoolMessage } from "../../src/client/index.js";
import { Principal } from "../../src/testing/simulator/gen/gitpod/v1/identity_pb.js";
import {
  PrebuildMetadata_PrebuildTrigger as PrebuildTrigger,
  PrebuildPhase,
  WarmPoolPhase,
} from "../../src/testing/simulator/gen/gitpod/v1/prebuild_pb.js";
import { packageVersion } from "../../src/util/version.js";
import {
  environmentClassId,
  parsedPool,
  parsedPrebuild,
  poolId,
  prebuildId,
  projectId,
  wirePool,
  wirePrebuild,
} from "../support/messages.js";
import { closeWires, failureOf, listed, token, wire } from "../support/wire-client.js";
import { message } from "../support/wire-server.js";

afterEach(closeWires);

interface Case {
  /** Default: PrebuildService. */
  readonly service?: string;
  readonly rpc: string;
  readonly call: (client: OnaClient) => Promise<unknown>;
  readonly sent: object;
  readonly answer: object;
  readonly result: unknown;
}

const pair = { projectId, environmentClassId };

const emptyProject = {
  id: projectId,
  metadata: { organizationId: undefined, name: "", creator: undefined, createdAt: undefined, updatedAt: undefined },
  initializer: { specs: [] },
  environmentClass: { environmentClassId: undefined },
  environmentClasses: [],
  prebuildConfiguration: {
    enabled: false,
    environmentClassIds: [],
    timeout: undefined,
    trigger: undefined,
    executor: undefined,
  },
  desiredPhase: "UNSPECIFIED",
};

const cases: readonly Case[] = [
  {
    rpc: "CreateWarmPool",
    call: (client) => client.createWarmPool({ ...pair, minSize: 0, maxSize: 4 }),
    sent: { ...pair, minSize: 0, maxSize: 4 },
    answer: { warmPool: wirePool },
    result: parsedPool,
  },
  {
    rpc: "GetWarmPool",
    call: (client) => client.getWarmPool(poolId),
    sent: { warmPoolId: poolId },
    answer: { warmPool: wirePool },
    result: parsedPool,
  },
  {
    rpc: "UpdateWarmPool",
    call: (client) => client.updateWarmPool(poolId, { maxSize: 7 }),
    sent: { warmPoolId: poolId, maxSize: 7 },
    answer: { warmPool: wirePool },
    result: parsedPool,
  },
  {
    rpc: "DeleteWarmPool",
    call: (client) => client.deleteWarmPool(poolId),
    sent: { warmPoolId: poolId },
    answer: {},
    result: true,
  },
  {
    rpc: "ListWarmPools",
    call: (client) => listed(client.listWarmPools({ projectIds: [projectId] })),
    sent: { pagination: { pageSize: 100, token: "" }, filter: { projectIds: [projectId] } },
    answer: { pagination: {}, warmPools: [wirePool] },
    result: [parsedPool],
  },
  {
    rpc: "CreatePrebuild",
    call: (client) => client.createPrebuild({ ...pair, timeoutSeconds: 2700 }),
    sent: { ...pair, spec: { timeout: "2700s" } },
    answer: { prebuild: wirePrebuild },
    result: parsedPrebuild,
  },
  {
    rpc: "GetPrebuild",
    call: (client) => client.getPrebuild(prebuildId),
    sent: { prebuildId },
    answer: { prebuild: wirePrebuild },
    result: parsedPrebuild,
  },
  {
    rpc: "CancelPrebuild",
    call: (client) => client.cancelPrebuild(prebuildId),
    sent: { prebuildId },
    answer: { prebuild: wirePrebuild },
    result: parsedPrebuild,
  },
  {
    rpc: "DeletePrebuild",
    call: (client) => client.deletePrebuild(prebuildId),
    sent: { prebuildId },
    answer: {},
    result: undefined,
  },
  {
    rpc: "ListPrebuilds",
    call: (client) =>
      listed(
        client.listPrebuilds({
          projectIds: [projectId],
          phases: ["PREBUILD_PHASE_FAILED"],
          triggeredBy: ["PREBUILD_TRIGGER_MANUAL"],
          creatorIds: [poolId],
          executorIds: [prebuildId],
        }),
      ),
    sent: {
      pagination: { pageSize: 100, token: "" },
      filter: {
        projectIds: [projectId],
        phases: ["PREBUILD_PHASE_FAILED"],
        triggeredBy: ["PREBUILD_TRIGGER_MANUAL"],
        creatorIds: [poolId],
        executorIds: [prebuildId],
      },
    },
    answer: { prebuilds: [wirePrebuild] },
    result: [parsedPrebuild],
  },
  {
    rpc: "CreatePrebuildLogsToken",
    call: (client) => client.createPrebuildLogsToken(prebuildId),
    sent: { prebuildId },
    answer: { accessToken: "logs" },
    result: "logs",
  },
  {
    service: "IdentityService",
    rpc: "GetAuthenticatedIdentity",
    call: (client) => client.getIdentity(),
    sent: {},
    answer: { subject: { id: poolId, principal: "PRINCIPAL_SERVICE_ACCOUNT" }, organizationTier: "core" },
    result: {
      subject: { id: poolId, principal: "SERVICE_ACCOUNT" },
      organizationId: undefined,
      organizationTier: "core",
    },
  },
  {
    service: "ProjectService",
    rpc: "GetProject",
    call: (client) => client.getProject(projectId),
    sent: { projectId },
    answer: { project: { id: projectId } },
    result: emptyProject,
  },
  {
    service: "ProjectService",
    rpc: "ListProjects",
    call: (client) => listed(client.listProjects({ projectIds: [projectId], search: "shop" })),
    sent: { pagination: { pageSize: 100, token: "" }, filter: { projectIds: [projectId], search: "shop" } },
    answer: { projects: [{ id: projectId, metadata: { name: "a\u001b[31mb" }, desiredPhase: 2 }] },
    result: [{ ...emptyProject, metadata: { ...emptyProject.metadata, name: "ab" }, desiredPhase: "DELETED" }],
  },
  {
    service: "EnvironmentService",
    rpc: "ListEnvironmentClasses",
    call: (client) => listed(client.listEnvironmentClasses()),
    sent: { pagination: { pageSize: 100, token: "" }, filter: {} },
    answer: { environmentClasses: [{ id: environmentClassId, displayName: "Regular", enabled: true }] },
    result: [
      {
        id: environmentClassId,
        displayName: "Regular",
        description: "",
        configuration: [],
        runnerId: undefined,
        enabled: true,
      },
    ],
  },
];

test.each(cases)("$rpc sends its message in the Connect protocol and parses the response", async (each) => {
  const { client, server } = await wire([message(each.answer)]);
  await expect(each.call(client)).resolves.toEqual(each.result);
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]).toMatchObject({
    method: "POST",
    path: `/api/gitpod.v1.${each.service ?? "PrebuildService"}/${each.rpc}`,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "connect-protocol-version": "1",
      "user-agent": `pulumi-ona/${packageVersion}`,
    },
  });
  expect(server.bodies).toStrictEqual([each.sent]);
});

test("leaves out of a request what is not set", async () => {
  const { client, server } = await wire([
    message({ warmPool: wirePool }),
    message({ prebuild: wirePrebuild }),
    message({}),
  ]);
  await client.createWarmPool(pair);
  await client.createPrebuild({ projectId });
  await listed(client.listWarmPools());
  expect(server.bodies).toStrictEqual([
    pair,
    { projectId, spec: {} },
    { pagination: { pageSize: 100, token: "" }, filter: {} },
  ]);
});

test("reads the token again for each request", async () => {
  const tokens = ["first", "second"];
  const script = [message({ warmPool: wirePool }), message({ warmPool: wirePool })];
  const { client, server } = await wire(script, { token: () => tokens.shift() ?? "" });
  await client.getWarmPool(poolId);
  await client.getWarmPool(poolId);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer first", "Bearer second"]);
});

/** The pool that becomes of an answer. */
async function readPool(warmPool: object | string): Promise<WarmPoolMessage> {
  const answer = typeof warmPool === "string" ? `{"warmPool":${warmPool}}` : { warmPool };
  const { client } = await wire([message(answer)]);
  return client.getWarmPool(poolId);
}

async function readPrebuild(prebuild: object | string): Promise<PrebuildMessage> {
  const answer = typeof prebuild === "string" ? `{"prebuild":${prebuild}}` : { prebuild };
  const { client } = await wire([message(answer)]);
  return client.getPrebuild(prebuildId);
}

const emptyPool: WarmPoolMessage = {
  id: poolId,
  metadata: {
    organizationId: undefined,
    projectId: "",
    environmentClassId: "",
    runnerId: undefined,
    createdAt: undefined,
    updatedAt: undefined,
  },
  spec: {
    specVersion: "0",
    desiredSize: undefined,
    snapshotId: undefined,
    desiredPhase: "UNSPECIFIED",
    minSize: undefined,
    maxSize: undefined,
  },
  status: {
    phase: "UNSPECIFIED",
    failureMessage: undefined,
    statusVersion: "0",
    runningInstances: 0,
    stoppedInstances: 0,
    desiredSize: 0,
  },
};

test.each([
  ["left out", { id: poolId }],
  ["empty messages", { id: poolId, metadata: {}, spec: {}, status: {} }],
  ["null", { id: poolId, metadata: null, spec: null, status: null }],
  [
    "null fields",
    {
      id: poolId,
      metadata: Object.fromEntries(Object.keys(emptyPool.metadata).map((key) => [key, null])),
      spec: Object.fromEntries(Object.keys(emptyPool.spec).map((key) => [key, null])),
      status: Object.fromEntries(Object.keys(emptyPool.status).map((key) => [key, null])),
    },
  ],
])("fills in zero values of a pool if they are %s", async (_how, pool) => {
  await expect(readPool(pool)).resolves.toEqual(emptyPool);
});

test("distinguishes a size of zero from a missing size", async () => {
  const pool = await readPool({ id: poolId, spec: { minSize: 0, maxSize: 3, desiredSize: 0 } });
  expect(pool.spec).toMatchObject({ minSize: 0, maxSize: 3, desiredSize: 0 });
});

test("accepts a prebuild with nothing but an id", async () => {
  const bare = await readPrebuild({ id: prebuildId });
  expect(bare).toEqual({ id: prebuildId });
  const { status, metadata } = await readPrebuild({ id: prebuildId, metadata: { creator: {} }, status: {} });
  expect(status).toMatchObject({ phase: "UNSPECIFIED", snapshotSizeBytes: "0", snapshotCompletionPercentage: 0 });
  expect(metadata).toMatchObject({ triggeredBy: "UNSPECIFIED", creator: { principal: "UNSPECIFIED" } });
});

test("ignores unknown fields at every depth", async () => {
  const pool = { ...wirePool, fresh: { a: 1 }, spec: { ...wirePool.spec, newer: [1] } };
  await expect(readPool(pool)).resolves.toEqual(parsedPool);
});

test.each([
  ["WARM_POOL_PHASE_READY", "READY"],
  ["WARM_POOL_PHASE_HIBERNATING", "HIBERNATING"],
  ["SOMETHING_ELSE", "SOMETHING_ELSE"],
  [20, "READY"],
  [0, "UNSPECIFIED"],
  [77, "77"],
  ["WARM_POOL_PHASE_\u001b[31mRED", "RED"],
])("parses the phase %j as %s", async (phase, read) => {
  expect((await readPool({ id: poolId, status: { phase } })).status.phase).toBe(read);
});

test("parses the number of each value of an enum as its name", async () => {
  const prebuild = async (part: object) => readPrebuild({ id: prebuildId, ...part });
  const enums: [object, (value: number) => Promise<string | undefined>][] = [
    [WarmPoolPhase, async (phase) => (await readPool({ id: poolId, status: { phase } })).status.phase],
    [PrebuildPhase, async (phase) => (await prebuild({ status: { phase } })).status?.phase],
    [PrebuildTrigger, async (triggeredBy) => (await prebuild({ metadata: { triggeredBy } })).metadata?.triggeredBy],
    [
      Principal,
      async (principal) => (await prebuild({ metadata: { creator: { principal } } })).metadata?.creator?.principal,
    ],
  ];
  for (const [names, parse] of enums)
    for (const [name, value] of Object.entries(names))
      if (typeof value === "number") expect(await parse(value)).toBe(name);
});

test.each([
  ['"9007199254740993"', "9007199254740993"],
  ["9007199254740993", "9007199254740993"],
  ["18446744073709551615", "18446744073709551615"],
  ["-9007199254740993", "-9007199254740993"],
  ["42", "42"],
  ["0", "0"],
])("keeps all digits of the 64-bit integer %s", async (onTheWire, exact) => {
  const prebuild = await readPrebuild(`{"id":"${prebuildId}","status":{"snapshotSizeBytes":${onTheWire}}}`);
  expect(prebuild.status?.snapshotSizeBytes).toBe(exact);
  const pool = await readPool(`{"id":"${poolId}","spec":{"specVersion":${onTheWire}}}`);
  expect(pool.spec.specVersion).toBe(exact);
});

test("leaves digits in a string alone", async () => {
  const pool = await readPool({ id: poolId, status: { failureMessage: "12345678901234567890 bytes" } });
  expect(pool.status.failureMessage).toBe("12345678901234567890 bytes");
});

test("keeps all decimals of times", async () => {
  const { metadata } = await readPool(wirePool);
  expect(metadata.createdAt).toBe("2026-03-01T12:00:00.123456789Z");
});

test("removes what could steer a terminal from ids and times", async () => {
  const hostile = "\u001b]0;owned\u0007\u001b[2K\r\nerror: forged\u2028warning: forged\u202e";
  const pool = await readPool({
    id: hostile,
    metadata: { projectId: hostile, environmentClassId: hostile, createdAt: hostile, updatedAt: hostile },
    spec: { snapshotId: hostile },
  });
  const prebuild = await readPrebuild({
    id: hostile,
    metadata: { projectId: hostile, environmentClassId: hostile, createdAt: hostile, creator: { id: hostile } },
    spec: { timeout: hostile },
    status: { completionTime: hostile, environmentId: hostile },
  });
  const shown = JSON.stringify([pool, prebuild]);
  expect(shown.match(/error: forged/g)).toHaveLength(14);
  // As JSON has them, controls are escapes.
  expect(shown).not.toMatch(/\\[urn]|[\u2028\u202e]/);
});

test("accepts 32-bit counts as strings, as the JSON mapping allows", async () => {
  expect((await readPool({ id: poolId, status: { runningInstances: "3" } })).status.runningInstances).toBe(3);
});

test.each([
  ["no pool", {}, "warmPool"],
  ["a pool without an id", { warmPool: { status: {} } }, "warmPool.id"],
  ["an empty id", { warmPool: { id: "" } }, "warmPool.id"],
  ["an id without anything to show", { warmPool: { id: "\u0007" } }, "warmPool.id"],
  [
    "a size that is a list",
    { warmPool: { id: poolId, spec: { minSize: [1] } } },
    "warmPool.spec.minSize (not a whole number of 32 bits)",
  ],
  ["a body that is a list", [], "the body"],
])("reports where a response with %s is unreadable", async (_what, answer, where) => {
  const { client, server } = await wire([message(answer)]);
  const error = await failureOf(client.getWarmPool(poolId));
  expect(error).toMatchObject({ code: "internal", origin: "unreadable", rpc: "GetWarmPool" });
  expect(error.message).toBe(`GetWarmPool: the response could not be read: unexpected ${where}`);
  expect(server.requests).toHaveLength(1);
});

test("throws only OnaErrors, whatever the response is", async () => {
  const { client, server } = await wire([]);
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (json) => {
      server.queue(message(JSON.stringify({ warmPool: { id: poolId, spec: json, status: json, metadata: json } })));
      await client.getWarmPool(poolId).catch((error: unknown) => expect(error).toMatchObject({ name: "OnaError" }));
    }),
    { numRuns: 50 },
  );
});
