/** Waiting until an object is gone. */
import { waitUntilGone } from "../../src/lifecycle/deletion.js";
import { startDeadline } from "../../src/lifecycle/wait.js";
import { stage } from "../support/scripted.js";

test.each([[undefined], [{ phase: "DELETED" }]])(
  "an object is gone once it reads as %j, in no phase before that",
  async (gone) => {
    const { context, clock, progress } = stage();
    const reads = [{ phase: "READY" }, { phase: "DELETING" }, { phase: "" }, gone];
    const read = jest.fn(async () => reads.shift());
    const deadline = startDeadline(clock, 60_000);
    await clock.run(waitUntilGone(context, "thing", "id-1", read, deadline));
    deadline.end();
    expect(read).toHaveBeenCalledTimes(4);
    expect(progress.slice(0, 2)).toEqual(["id-1: READY (0s)", "id-1: DELETING (1s)"]);
  },
);
