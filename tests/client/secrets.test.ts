/** How a client hides its secrets in text. */
import { Secrets } from "../../src/client/secrets.js";

function hiding(...secrets: string[]): (text: string) => string {
  const known = new Secrets();
  for (const secret of secrets) known.add(secret);
  return known.hide;
}

test.each([
  ["anywhere", "xona_SECRETx", "x[token]x"],
  ["in other letters, as in the name of a host", "https://ona_secret.example", "https://[token].example"],
  ["with whitespace in it, as in a text that wraps", "ona_S ECR  ET", "[token]"],
  ["twice", "ona_SECRETona_SECRET", "[token][token]"],
  ["in base64", btoa("ona_SECRET"), "[token]A=="],
  ["in base64 after other bytes", btoa("Bearer ona_SECRET!"), "QmVhcmVyIG[token]Qh"],
  ["in base64 after yet other bytes", btoa("token ona_SECRET"), "dG9rZW4g[token]A=="],
])("hides a secret %s", (_where, text, shown) => {
  expect(hiding("ona_SECRET")(text)).toBe(shown);
});

test("hides a secret that starts with another one, and characters that patterns know", () => {
  expect(hiding("ona_token", "ona_token_2")("ona_token_2 ona_token")).toBe("[token] [token]");
  const odd = String.raw`a.b*c+?^$(){}|[]\/-=!d`;
  expect(hiding(odd)(`x${odd}y`)).toBe("x[token]y");
});

test("hides a secret with special characters in base64 and in a URL", () => {
  const secret = "~~>?ona/+==";
  const hide = hiding(secret);
  expect(hide(`?token=${encodeURIComponent(secret)}`)).toBe("?token=[token]");
  for (const before of ["", "a", "ab", "abc"])
    for (const encoding of ["base64", "base64url"] as const)
      expect(hide(Buffer.from(`${before}${secret}`).toString(encoding))).toMatch(/^.{0,4}\[token\].{0,3}$/);
});

test("hides nothing before a secret is known, and no secret that is as short as a word", () => {
  expect(hiding()("text")).toBe("text");
  expect(hiding("READY")("READY")).toBe("READY");
});

test("forgets the oldest secrets of many, and never the one that is used", () => {
  const secrets = new Secrets();
  for (let count = 0; count < 200; count++) {
    secrets.add("ona_the_token");
    secrets.add(`ona_log_${count}_of_many`);
  }
  expect(secrets.hide("ona_log_0_of_many ona_log_199_of_many ona_the_token")).toBe("ona_log_0_of_many [token] [token]");
});

test("reads a text quickly even if it is made to be slow", () => {
  const hide = hiding("aaaaaaaaaaaaaaaab", "ab".repeat(2_000));
  for (const part of ["a", "a ", " ", "ab", "aaaaaaaaaaaaaaaa b"]) hide(part.repeat(100_000));
});
