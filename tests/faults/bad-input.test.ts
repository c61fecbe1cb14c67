/**
 * `check` with any input: it reports mistakes by property or returns a stable normal form, and never crashes.
 * FUZZ_RUNS sets how many.
 */
import * as fc from "fast-check";
import { stubText } from "../../src/program/stub.js";
import { decodeUnknowns } from "../../src/hosts/unknown-markers.js";
import { prebuild, warmPool } from "../../src/provider.js";
import { readInputs as poolInputs, stateOf as poolState } from "../../src/warm-pool/state.js";
import { warmPoolProperties } from "../../src/warm-pool/properties.js";
import { prebuildProperties } from "../../src/prebuild/properties.js";
import { readInputs as prebuildInputs, stateOf as prebuildState } from "../../src/prebuild/state.js";
import { ProviderProcess } from "../support/provider-process.js";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 500);
const marker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const id = "0f4b6f0a-5f0e-4a57-9d8e-1f3c6a0d9b11";
const providers = { warmPool, prebuild } as const;

beforeAll(async () => {
  process.env["ONA_API_KEY"] = "a token";
  for (const provider of Object.values(providers)) await provider.configure({ config: { get: () => undefined } });
});

const hostile = fc.constantFrom(
  "",
  " ",
  "\u0000",
  "\u001b[2J\u001b]0;title\u0007",
  "line\r\nerror: forged",
  "\u202ereversed",
  "\ud800",
  "constructor",
  "1e999",
  "9".repeat(400),
  "x".repeat(10_000),
  "${jndi:ldap://x}",
  "../../etc/passwd",
);
const nearly = fc.constantFrom(
  id,
  id.toUpperCase(),
  `${id} `,
  `{${id}}`,
  id.replace("-", ""),
  "ifSnapshot",
  "true",
  "45m",
  "1h30m",
  "5h",
  "0s",
  "-5m",
  "onFailure",
  "stream",
  "none",
);
const numbers = fc.constantFrom(0, -0, 1, 2, 20, 21, -1, 1.5, 300, 7_200, 2 ** 53, -(2 ** 63), 1e308, 5e-324);
const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  numbers,
  fc.double(),
  fc.string(),
  hostile,
  nearly,
  fc.constant(marker),
);
const keys = fc.constantFrom(
  ...new Set<string>([...warmPoolProperties.inputNames, ...prebuildProperties.inputNames]),
  "phase",
  "projectID",
  "__timeouts",
  "__managed",
  "__version",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  "a\u001b[31mb",
);
/** Any value that the engine can send. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 6, arbitrary: leaf },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    },
  ),
}));
/** Half of them have the required inputs, to reach later checks too. */
const inputs = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(fc.oneof(keys, fc.string()), value), { maxLength: 8 }))
  .map(([complete, entries]): Record<string, unknown> => ({
    ...(complete ? { projectId: id, environmentClassId: id } : {}),
    ...Object.fromEntries(entries.filter(([key]) => key !== "__provider")),
  }));

describe.each(["warmPool", "prebuild"] as const)("%s", (kind) => {
  const provider = providers[kind];

  test("check refuses bad input by property, in one printable line, and never crashes", async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async (given) => {
        const { failures } = await provider.check({}, given);
        for (const { property, reason } of failures) {
          expect(typeof property).toBe("string");
          expect(reason).not.toBe("");
          expect(reason).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
          expect(reason.length).toBeLessThan(2_000);
        }
        expect(Object.prototype).not.toHaveProperty("polluted");
      }),
      { numRuns },
    );
  });

  test("check leaves its own result unchanged: check(check(x)) = check(x)", async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async (given) => {
        const once = await provider.check({}, given);
        const twice = await provider.check(once.inputs, once.inputs);
        expect(twice.inputs).toEqual(once.inputs);
        expect(twice.failures).toEqual(once.failures);
      }),
      { numRuns },
    );
  });

  test("diff of a resource against its own inputs is empty", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(inputs, async (given) => {
        const { inputs: checked, failures } = await provider.check({}, given);
        const isKnown = !JSON.stringify(checked).includes(marker);
        if (failures.length > 0 || !isKnown) return;
        compared++;
        expect(await provider.diff(id, { ...stateFor(kind, checked) }, checked)).toMatchObject({
          changes: false,
          replaces: [],
        });
      }),
      { numRuns },
    );
    expect(compared).toBeGreaterThan(numRuns / 30);
  });
});

describe("over the wire, through Pulumi's host", () => {
  let host: ProviderProcess;
  beforeAll(async () => {
    host = await ProviderProcess.start({}, { ONA_API_KEY: "a token" });
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.each(["warmPool", "prebuild"] as const)(
    "the check of a %s never fails, and leaves alone what it has made",
    async (kind) => {
      const stub = { __provider: stubText(kind) };
      await fc.assert(
        fc.asyncProperty(inputs, async (given) => {
          const once = await host.check({ ...given, ...stub });
          const twice = await host.check(once.inputs, once.inputs);
          expect(twice).toEqual(once);
          if (once.failures.length > 0 || JSON.stringify(once.inputs).includes(marker)) return;
          const state = { ...stateFor(kind, once.inputs), ...stub };
          expect(await host.diff(state, once.inputs)).toMatchObject({ changes: "none", replaces: [] });
        }),
        { numRuns: numRuns / 5 },
      );
    },
  );
});

/** The outputs of a resource created from these inputs. */
function stateFor(kind: keyof typeof providers, checked: Record<string, unknown>): object {
  const known = decodeUnknowns(checked);
  if (kind === "warmPool") {
    const declared = poolInputs(known);
    const counts = { desiredSize: 1, runningInstances: 1, stoppedInstances: 0 };
    const pool = { id, minSize: 1, maxSize: 2, ...declared, phase: "READY", ...counts };
    return poolState(pool, declared, false);
  }
  const declared = prebuildInputs(known);
  const run = {
    id,
    timeout: "1h",
    ...declared,
    phase: "COMPLETED",
    snapshotSizeBytes: "0",
  };
  return prebuildState(run, declared, false);
}
