/** Batched reads: one List instead of many Gets, and always the result that Get would give. */
import { maxListAgeMs } from "../../src/batched-reads/batched-reads.js";
import { pageTimeoutMs } from "../../src/batched-reads/shared-list";
import { Fleet, latency, numbers, ofOneProject, phases, project, thing, uuid } from "../support/fleet";

describe("the number of calls", () => {
  test("a single read is one immediate Get", async () => {
    const fleet = ofOneProject(3);
    await fleet.read(1);
    expect(fleet.calls).toEqual(["Get 1"]);
    expect(fleet.clock.monotonic()).toBe(latency);
  });

  test("two reads make two calls", async () => {
    const fleet = ofOneProject(2);
    await fleet.read(1, 2);
    expect(fleet.calls).toEqual(["Get 1", "List 1"]);
  });

  test("the first of several concurrent reads uses Get and the others share a List", async () => {
    const fleet = ofOneProject(60);
    await fleet.read(...numbers(60));
    expect(fleet.calls).toEqual(["Get 1", "List 1"]);
  });

  test("one List answers reads that follow each other", async () => {
    const fleet = ofOneProject(60);
    await fleet.refresh(numbers(60), 1);
    expect(fleet.calls).toEqual(["Get 1", "List 1"]);
  });

  const projects = 10;
  const layouts: [string, (index: number) => number][] = [
    ["project by project", (index) => Math.floor(index / 50) + 1],
    ["in turn", (index) => (index % projects) + 1],
    ["in no order", (index) => (((index * 7919) % 503) % projects) + 1],
  ];
  test.each(
    layouts.flatMap(([order, projectOf]) => [false, true].map((newestFirst) => ({ order, projectOf, newestFirst }))),
  )("500 objects of 10 projects, declared $order, listed newest first: $newestFirst, are few calls", async (each) => {
    const fleet = new Fleet(Array.from({ length: 500 }, (_, index) => thing(index + 1, each.projectOf(index))));
    fleet.newestFirst = each.newestFirst;
    await fleet.refresh(numbers(500), 8);
    expect(fleet.calls.length).toBeLessThanOrEqual(each.order === "project by project" ? 8 : 10);
  });

  describe("a List of all projects", () => {
    /** 8 projects with 10 objects each, and objects of other stacks that are listed before them. */
    const fleetAmong = (others: number, mayListAll = true) => {
      const ours = numbers(80).map((number) => thing(number, Math.ceil(number / 10)));
      const theirs = numbers(others).map((number) => thing(1_000 + number, 100));
      return new Fleet([...theirs, ...ours], 2, mayListAll);
    };

    test("answers for the third project and those after it", async () => {
      const fleet = fleetAmong(0);
      await fleet.refresh(numbers(80), 4);
      expect(fleet.calls).toEqual(["Get 1", "List 1", "List 2", "List all"]);
    });

    test("takes three pages at most before it shows something", async () => {
      const fleet = fleetAmong(1_000);
      await fleet.refresh(numbers(80), 4);
      const own = [3, 4, 5, 6, 7, 8].map((number) => `List ${number}`);
      expect(fleet.calls).toEqual(["Get 1", "List 1", "List 2", "List all", "page", "page", ...own]);
    });

    test("is not started if the API could show too many objects", async () => {
      const fleet = fleetAmong(0, false);
      await fleet.refresh(numbers(80), 4);
      expect(fleet.calls).toEqual(["Get 1", ...numbers(8).map((number) => `List ${number}`)]);
    });

    test("that is refused costs one call", async () => {
      const fleet = fleetAmong(0);
      fleet.onPage = () => {
        if (fleet.calls.at(-1) === "List all") throw new Error("permission_denied");
      };
      await fleet.refresh(numbers(80), 4);
      expect(fleet.calls.filter((call) => call === "List all")).toHaveLength(1);
      expect(fleet.calls).toHaveLength(1 + 8 + 1);
    });

    test("never answers after a write to the project", async () => {
      const fleet = fleetAmong(0);
      await fleet.refresh(numbers(30), 4);
      await fleet.clock.run(fleet.writes.writeIn(project(8), () => fleet.clock.sleep(latency)));
      fleet.change(80, "UPDATED");
      expect(phases(await fleet.read(75, 80))).toEqual(["READY", "UPDATED"]);
      expect(fleet.calls.slice(-1)).toEqual(["List 8"]);
      expect(phases(await fleet.read(60))).toEqual(["READY"]);
      expect(fleet.calls.slice(-1)).toEqual(["List 8"]);
    });

    test("is replaced after 30 s", async () => {
      const fleet = fleetAmong(0);
      await fleet.refresh(numbers(40), 4);
      await fleet.clock.advance(maxListAgeMs + 1);
      fleet.change(41, "CHANGED");
      await fleet.refresh(numbers(60), 4);
      expect(fleet.calls.filter((call) => call === "List all")).toHaveLength(2);
      expect(phases(await fleet.read(41))).toEqual(["CHANGED"]);
    });
  });

  test.each([1, 8, 16])(
    "with %i concurrent reads, calls per object never rise as the fleet grows",
    async (parallel) => {
      let before = Infinity;
      for (const size of [1, 10, 100, 1_000, 5_000]) {
        const fleet = new Fleet(
          Array.from({ length: size }, (_, index) => thing(index + 1, Math.floor(index / 50) + 1)),
        );
        await fleet.refresh(numbers(size), parallel);
        const perObject = fleet.calls.length / size;
        expect(perObject).toBeLessThanOrEqual(before);
        before = perObject;
      }
    },
  );

  test("a filter has at most 25 projects", async () => {
    const fleet = new Fleet(numbers(61).map((number) => thing(number, number)));
    await fleet.read(...numbers(61));
    const lists = fleet.calls.filter((call) => call.startsWith("List"));
    expect(lists.map((list) => list.split(",").length)).toEqual([25, 25, 10]);
  });

  test("a long List is abandoned before it takes more calls than Gets would", async () => {
    const fleet = ofOneProject(1_000);
    await fleet.read(998, 999, 1_000);
    expect(fleet.calls).toEqual(["Get 998", "List 1", "page", "Get 999", "Get 1000"]);
  });

  test("pages that no reader waits for are not fetched", async () => {
    const fleet = ofOneProject(1_000);
    await fleet.read(1, 2, 3, 4);
    expect(fleet.calls).toEqual(["Get 1", "List 1"]);
    await fleet.read(150);
    expect(fleet.calls).toEqual(["Get 1", "List 1", "page"]);
  });

  test("a kind with long Lists uses Get until enough objects are wanted", async () => {
    const fleet = ofOneProject(9, 4);
    await fleet.read(1, 2, 3);
    expect(fleet.asked()).toEqual(["Get 1", "Get 2", "Get 3"]);
    await fleet.read(4, 5, 6, 7);
    expect(fleet.asked()).toEqual(["List 1"]);
  });

  test("ids and projects in upper case mean the same object", async () => {
    const fleet = ofOneProject(3);
    await fleet.read(1, 2);
    const read = fleet.reads.read({ id: uuid("b", 3).toUpperCase(), projectId: project(1).toUpperCase() });
    expect((await fleet.clock.run(read)).id).toBe(uuid("b", 3));
    expect(fleet.calls).toEqual(["Get 1", "List 1"]);
  });
});

describe("the answers of a List", () => {
  test("a List older than 30 s answers no read", async () => {
    const fleet = ofOneProject(4);
    await fleet.read(1, 2);
    await fleet.clock.advance(maxListAgeMs - latency - 6);
    fleet.change(3, "DEGRADED");
    expect(phases(await fleet.read(3))).toEqual(["READY"]);
    await fleet.clock.advance(latency + 7);
    expect(phases(await fleet.read(3))).toEqual(["DEGRADED"]);
    fleet.asked();
    await fleet.clock.advance(3_600_000);
    await fleet.read(4);
    expect(fleet.asked()).toEqual(["Get 4"]);
  });

  test.each(["an id that has no project", "a project that is no UUID"])(
    "a List does not answer for %s",
    async (what) => {
      const fleet = ofOneProject(3);
      await fleet.read(1, 2);
      const projectId = what.startsWith("an id") ? undefined : "storefront";
      await fleet.clock.run(fleet.reads.read({ id: uuid("b", 3), projectId }));
      expect(fleet.calls).toEqual(["Get 1", "List 1", "Get 3"]);
    },
  );

  test("an object that a List omits is read by Get, whether or not it exists", async () => {
    const fleet = ofOneProject(3);
    fleet.unlisted.add(uuid("b", 2));
    await fleet.read(1, 2, 3);
    expect(fleet.asked()).toEqual(["Get 1", "List 1", "Get 2"]);
    await expect(fleet.read(9)).rejects.toThrow("not_found 9");
    expect(fleet.asked()).toEqual(["Get 9"]);
  });

  test("an object that a List shows as DELETED is read by Get", async () => {
    const fleet = new Fleet([thing(1, 1), thing(2, 1, "DELETED"), thing(3, 1, "DELETING")]);
    expect(phases(await fleet.read(1, 2, 3))).toEqual(["READY", "DELETED", "DELETING"]);
    expect(fleet.calls).toEqual(["Get 1", "List 1", "Get 2"]);
  });

  test("an object that a List shows in another project is read by Get", async () => {
    const fleet = ofOneProject(3);
    fleet.ignoresFilter = true;
    await fleet.read(1);
    const moved = { id: uuid("b", 2), projectId: project(2) };
    await fleet.clock.run(fleet.reads.read(moved));
    expect(fleet.calls).toEqual(["Get 1", "List 2", "Get 2"]);
  });
});

describe("failures", () => {
  test("a failed List makes no read fail: each read uses Get", async () => {
    const fleet = ofOneProject(4);
    fleet.onPage = () => {
      throw new Error("permission_denied");
    };
    fleet.onGet = (id) => {
      if (id === uuid("b", 3)) throw new Error("unauthenticated");
    };
    const [one, two, three] = [1, 2, 3].map((number) => fleet.reads.read(fleet.wanted(number)));
    const outcome = await fleet.clock.run(Promise.allSettled([one, two, three]));
    expect(outcome.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(outcome[2]).toMatchObject({ reason: new Error("unauthenticated") });
    expect(fleet.calls).toEqual(["Get 1", "List 1", "Get 2", "Get 3"]);
  });

  test("a List whose page fails ends, and the next List starts after 30 s", async () => {
    const fleet = ofOneProject(300);
    fleet.onPage = (page) => {
      if (page === 2) throw new Error("unavailable");
    };
    await fleet.read(1, 2, 150, 151);
    expect(fleet.asked()).toEqual(["Get 1", "List 1", "page", "Get 150", "Get 151"]);
    await fleet.read(3, 4);
    expect(fleet.asked()).toEqual(["Get 3", "Get 4"]);
    await fleet.clock.advance(maxListAgeMs + 1);
    await fleet.read(5, 6);
    expect(fleet.asked()).toEqual(["Get 5", "List 1"]);
  });

  test("a failed List of one project does not affect other projects", async () => {
    const fleet = new Fleet([...numbers(4).map((number) => thing(number, 1)), ...[5, 6, 7].map((n) => thing(n, 2))]);
    fleet.onPage = () => {
      throw new Error("not_found");
    };
    await fleet.read(1, 2);
    fleet.onPage = () => undefined;
    fleet.asked();
    await fleet.read(5, 6, 7);
    expect(fleet.asked()).toEqual(["List 2"]);
  });

  test("reads wait for a List that a rate limit delays, because it would delay each Get too", async () => {
    const fleet = ofOneProject(8);
    fleet.isRateLimited = true;
    fleet.onPage = (_page, signal) => fleet.clock.sleep(3 * pageTimeoutMs, signal);
    await fleet.read(...numbers(8));
    expect(fleet.calls).toEqual(["Get 1", "List 1"]);
  });

  test("a List that fails slowly postpones the Lists of all projects", async () => {
    const fleet = new Fleet(numbers(12).map((number) => thing(number, Math.ceil(number / 4))));
    fleet.onPage = (_page, signal) => fleet.clock.sleep(3_600_000, signal);
    await fleet.refresh(numbers(12), 2);
    expect(fleet.asked().filter((call) => !call.startsWith("Get"))).toEqual(["List 1"]);
    expect(fleet.clock.monotonic()).toBeLessThan(pageTimeoutMs + 1_000);
    fleet.onPage = () => undefined;
    await fleet.clock.advance(maxListAgeMs);
    await fleet.read(5, 6);
    expect(fleet.asked()).toEqual(["Get 5", "List 2"]);
  });

  test("a page that takes more than 30 s ends the List", async () => {
    const fleet = ofOneProject(3);
    fleet.onPage = (_page, signal) => fleet.clock.sleep(3_600_000, signal);
    await fleet.read(1, 2, 3);
    expect(fleet.calls).toEqual(["Get 1", "List 1", "Get 2", "Get 3"]);
    expect(fleet.clock.monotonic()).toBeLessThan(pageTimeoutMs + 100);
    expect(fleet.clock.pending).toEqual([]);
  });
});

describe("writes of this process", () => {
  const answered = (fleet: Fleet, number: number, phase: string) => async () => {
    await fleet.clock.sleep(latency);
    fleet.change(number, phase);
    await fleet.clock.sleep(latency);
  };

  test.each<[string, (fleet: Fleet, send: () => Promise<void>) => Promise<void>]>([
    [
      "to an object whose project was noted",
      (fleet, send) => (fleet.writes.note(fleet.wanted(3)), fleet.writes.writeTo(uuid("b", 3), send)),
    ],
    ["to an object of which nothing is known", (fleet, send) => fleet.writes.writeTo(uuid("b", 3), send)],
    ["in the project", (fleet, send) => fleet.writes.writeIn(project(1), send)],
  ])("%s end what Lists have told, whatever their outcome", async (_what, write) => {
    for (const outcome of ["answered", "lost"]) {
      const fleet = ofOneProject(4);
      await fleet.read(1, 2);
      const send = async () => {
        await answered(fleet, 3, "DELETING")();
        if (outcome === "lost") throw new Error("connection reset");
      };
      await fleet.clock.run(write(fleet, send).catch(() => undefined));
      fleet.asked();
      expect(phases(await fleet.read(3, 4))).toEqual(["DELETING", "READY"]);
      expect(fleet.asked()).toEqual(["List 1"]);
    }
  });

  test("reads use Get while a write to the project is in progress", async () => {
    const fleet = ofOneProject(4);
    await fleet.read(1, 2);
    const write = fleet.writes.writeIn(project(1), answered(fleet, 3, "DELETING"));
    fleet.asked();
    await fleet.read(3, 4);
    expect(fleet.asked()).toEqual(["Get 3", "Get 4"]);
    await fleet.clock.run(write);
  });

  test("a List that overlaps a write answers no read afterwards", async () => {
    const fleet = ofOneProject(6);
    await fleet.read(1);
    const early = fleet.reads.read(fleet.wanted(3));
    // The List begins after 5 ms and has its answer 20 ms later; the write is sent and answered in between.
    await fleet.clock.advance(10);
    const write = fleet.writes.writeIn(project(1), async () => {
      await fleet.clock.sleep(5);
      fleet.change(3, "DELETING");
    });
    await fleet.clock.run(write);
    expect((await fleet.clock.run(early)).phase).toBe("DELETING");
    expect(fleet.asked()).toEqual(["Get 1", "List 1", "Get 3"]);
    await fleet.read(4);
    expect(fleet.asked()).toEqual(["List 1"]);
  });

  test("no List of the project starts during a write, even for reads that are already waiting for it", async () => {
    const fleet = ofOneProject(6);
    await fleet.read(1);
    const gathered = fleet.reads.read(fleet.wanted(3));
    await fleet.clock.advance(2);
    const write = fleet.writes.writeIn(project(1), async () => {
      await fleet.clock.sleep(2 * latency);
      fleet.change(4, "DELETING");
    });
    await fleet.clock.run(gathered);
    expect(fleet.asked()).toEqual(["Get 1", "Get 3"]);
    await fleet.clock.run(write);
    expect(phases(await fleet.read(4))).toEqual(["DELETING"]);
    expect(fleet.asked()).toEqual(["List 1"]);
  });

  test("a write to another project does not invalidate a List", async () => {
    const fleet = ofOneProject(4);
    await fleet.read(1, 2);
    await fleet.clock.run(fleet.writes.writeIn(project(2), () => fleet.clock.sleep(1)));
    await fleet.read(3);
    expect(fleet.calls).toEqual(["Get 1", "List 1"]);
  });
});
