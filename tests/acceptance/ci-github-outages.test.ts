/** What the drift workflow of examples/github-actions must not report: volatile outputs, and a failing API. */
import { startRepository, succeed } from "../support/ci/github-repository.js";

test("the drift check ignores volatile outputs and undeclared sizes", async () => {
  await using repository = await startRepository();
  const { sim } = repository;
  await succeed(repository, "up");
  const [regular, large] = [repository.pool(0), repository.pool(1)];
  sim.scale(regular.id, 4);
  sim.rotate(regular.id);
  sim.degrade(large.id, "no capacity");
  sim.resize(large.id, { maxSize: 12 });
  sim.clock.advance(3_600_000);
  expect(repository.pool(1)).toMatchObject({ phase: "DEGRADED", maxSize: 12 });
  await succeed(repository, "drift");
  expect(repository.forge().issues).toEqual([]);
  expect(repository.forge().calls.map((call) => call.slice(0, 2))).toEqual([["issue", "list"]]);
}, 300_000);

test.each([
  ["the API is down", { html: { status: 503 } }, /unavailable/],
  ["the token has expired", { error: { code: "unauthenticated" } }, /unauthenticated/],
] as const)(
  "the drift check fails and opens no issue when %s",
  async (_, fault, said) => {
    await using repository = await startRepository();
    await succeed(repository, "up");
    repository.sim.resize(repository.pool(0).id, { maxSize: 9 });
    repository.sim.fault({ ...fault, times: "always" });
    const { conclusion, steps } = await repository.run("drift");
    expect(conclusion).toBe("failure");
    expect(steps.find(({ outcome }) => outcome === "failure")).toMatchObject({
      name: "Check for drift",
      log: expect.stringMatching(said) as string,
    });
    expect(repository.forge().calls).toEqual([]);
  },
  300_000,
);
