/** Text of others on a terminal. */
import fc from "fast-check";
import { either, printable } from "../src/text.js";

test("no text becomes more than one line, or anything that steers a terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
  );
});

test("ordinary text stays as it is, and no line is blank around", () => {
  expect(printable("  Größe 3, 日本語 🙂\n")).toBe("Größe 3, 日本語 🙂");
});

test("choices read as a person lists them", () => {
  expect([either([]), either(["a"]), either(["a", "b"]), either(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a or b",
    "a, b or c",
  ]);
});
