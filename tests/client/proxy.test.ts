/** The proxy that a request goes through, by the variables that curl and Go read. */
import { findProxy, ProxyError } from "../../src/client/proxy.js";

type Environment = Readonly<Record<string, string | undefined>>;

const find = (env: Environment, url = "https://api.example/api") => findProxy(new URL(url), env);

/** The address of the proxy, with user and password if it has any. */
function addressOf(env: Environment, url?: string): string | undefined {
  const proxy = find(env, url);
  if (proxy === undefined) return undefined;
  const { protocol, user, password, host } = proxy;
  return `${protocol}//${user === "" && password === "" ? "" : `${user}:${password}@`}${host}`;
}

function refusal(env: Environment): string {
  try {
    find(env);
  } catch (error) {
    if (error instanceof ProxyError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the address of a proxy", () => {
  test.each([
    ["http://127.0.0.1:3128", "http://127.0.0.1:3128"],
    ["127.0.0.1:3128", "http://127.0.0.1:3128"],
    ["proxy.example", "http://proxy.example"],
    ["localhost:3128", "http://localhost:3128"],
    ["[::1]:3128", "http://[::1]:3128"],
    [" http://proxy.example:3128/ ", "http://proxy.example:3128"],
    ["HTTP://Proxy.Example:3128", "http://proxy.example:3128"],
    ["http://proxy.example:3128/path", "http://proxy.example:3128"],
    ["https://proxy.example", "https://proxy.example"],
    ["user:password@proxy.example:3128", "http://user:password@proxy.example:3128"],
    ["http://user:password@proxy.example:3128", "http://user:password@proxy.example:3128"],
    ["http://user@proxy.example:3128", "http://user:@proxy.example:3128"],
    ["http://us%40er:p%23ss%25@proxy.example", "http://us@er:p#ss%@proxy.example"],
    ["http://user:100%@proxy.example", "http://user:100%@proxy.example"],
    ["http://user:p@ss@proxy.example", "http://user:p@ss@proxy.example"],
    ["socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080"],
    ["socks5h://user:password@proxy.example:1080", "socks5://user:password@proxy.example:1080"],
  ])("may be %s", (value, address) => {
    expect(addressOf({ HTTPS_PROXY: value })).toBe(address);
  });

  const whatToDo = "http://user:password@host:port, and percent-encode special characters in user and password.";

  test.each(["http://", "http://:3128", "proxy.example:port", "http://pro xy", "http://user:hun/ter2@proxy.example"])(
    "must not be %s",
    (value) => {
      expect(refusal({ HTTPS_PROXY: value })).toBe(
        `HTTPS_PROXY is not the address of a proxy. Use one such as ${whatToDo}`,
      );
    },
  );

  test.each(["http://user:hunter2#@proxy.example:3128", "http://us?er:hunter2@proxy.example", "http://u:hun/2@p:1"])(
    "that an unencoded character of the password cuts off is not shown (%s)",
    (value) => {
      const message = refusal({ all_proxy: value });
      expect(message).toBe(`all_proxy is not the address of a proxy. Use one such as ${whatToDo}`);
      expect(message).not.toContain("hun");
    },
  );

  test("of an unsupported type is refused, by the variable's name", () => {
    expect(refusal({ ALL_PROXY: "socks4://user:hunter2@proxy.example:1080" })).toBe(
      "ALL_PROXY is a proxy of the type socks4, which is not supported. Use http, https or socks5.",
    );
  });
});

describe("the variable of a proxy", () => {
  test.each([
    [{ HTTPS_PROXY: "a" }, "HTTPS_PROXY"],
    [{ https_proxy: "a", HTTPS_PROXY: "b" }, "https_proxy"],
    [{ https_proxy: " ", HTTPS_PROXY: "b" }, "HTTPS_PROXY"],
    [{ HTTPS_PROXY: "a", ALL_PROXY: "b", HTTP_PROXY: "c" }, "HTTPS_PROXY"],
    [{ ALL_PROXY: "b", HTTP_PROXY: "c" }, "ALL_PROXY"],
    [{ all_proxy: "a", ALL_PROXY: "b" }, "all_proxy"],
    [{ HTTP_PROXY: "c" }, "HTTP_PROXY"],
    [{ http_proxy: "c" }, "http_proxy"],
    [{ HTTPS_PROXY: "" }, undefined],
    [{}, undefined],
  ])("of %j is %s", (env, variable) => {
    expect(find(env)?.variable).toBe(variable);
  });

  test("does not matter for plain http, which stays on this machine", () => {
    const everything = { HTTP_PROXY: "a", HTTPS_PROXY: "b", ALL_PROXY: "socks4://c" };
    expect(find(everything, "http://127.0.0.1:8080/api")).toBeUndefined();
  });
});

describe("NO_PROXY", () => {
  const isExempt = (noProxy: string, url: string) =>
    find({ HTTPS_PROXY: "proxy.example", NO_PROXY: noProxy }, url) === undefined;

  test.each([
    ["*", "https://api.example"],
    ["other.example, *", "https://api.example"],
    ["api.example", "https://api.example"],
    ["API.Example", "https://api.example"],
    ["api.example.", "https://api.example"],
    ["api.example", "https://api.example."],
    ["example", "https://api.example"],
    [".example", "https://api.example"],
    ["*.example", "https://api.example"],
    [".api.example", "https://api.example"],
    ["a.example,b.example,api.example", "https://api.example"],
    ["a.example api.example", "https://api.example"],
    [" a.example ,, api.example ", "https://api.example"],
    ["api.example:443", "https://api.example"],
    [".example:8443", "https://api.example:8443"],
    ["10.1.2.3", "https://10.1.2.3"],
    ["10.1.2.3:8443", "https://10.1.2.3:8443"],
    ["10.0.0.0/8", "https://10.1.2.3"],
    ["0.0.0.0/0", "https://10.1.2.3"],
    ["::1", "https://[::1]"],
    ["[::1]", "https://[::1]:8443"],
    ["[::1]:8443", "https://[::1]:8443"],
    ["0:0:0:0:0:0:0:1", "https://[::1]"],
    ["fd00::/8", "https://[fd12::1]"],
  ])("%s exempts %s", (noProxy, url) => {
    expect(isExempt(noProxy, url)).toBe(true);
  });

  test.each([
    ["", "https://api.example"],
    ["other.example", "https://api.example"],
    ["pi.example", "https://api.example"],
    ["a.api.example", "https://api.example"],
    [".", "https://api.example"],
    ["api.example:8443", "https://api.example"],
    ["api.example:443", "https://api.example:8443"],
    ["10.0.0.0/8", "https://11.1.2.3"],
    ["10.0.0.0/33", "https://10.0.0.0"],
    ["10.0.0.0/x", "https://10.0.0.0"],
    ["10.0.0.0/8", "https://10.example"],
    ["2.3", "https://10.1.2.3"],
    ["fd00::/8", "https://[fe00::1]"],
    ["::/0", "https://10.1.2.3"],
    ["::1", "https://[::2]"],
    ["[::1]:8443", "https://[::1]"],
  ])("%s does not exempt %s", (noProxy, url) => {
    expect(isExempt(noProxy, url)).toBe(false);
  });

  test("may be in lower case, and exempts even from a proxy that could not be used", () => {
    expect(find({ HTTPS_PROXY: "http://", no_proxy: "api.example", NO_PROXY: "other.example" })).toBeUndefined();
    expect(find({ HTTPS_PROXY: "proxy.example", no_proxy: " ", NO_PROXY: "api.example" })).toBeUndefined();
  });
});
