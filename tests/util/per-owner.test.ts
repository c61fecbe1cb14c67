import { perOwner } from "../../src/util/per-owner.js";

test("makes a value once for each owner", () => {
  let made = 0;
  const of = perOwner((owner: object, name: string) => ({ owner, name, number: ++made }));
  const [one, other] = [{}, {}];
  expect(of(one, "a")).toBe(of(one, "b"));
  expect(of(other, "c")).toMatchObject({ name: "c", number: 2 });
});
