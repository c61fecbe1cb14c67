// The engine loads this into program and provider: they start faster, and they end with the engine. Node can run it
// directly by stripping its types.
{
  const { Module, createRequire, enableCompileCache, flushCompileCache } = process.getBuiltinModule("node:module");
  const { Socket } = process.getBuiltinModule("node:net");
  const { isMainThread } = process.getBuiltinModule("node:worker_threads");

  interface Tracing {
    getTracer(name: string): { startSpan(name: string): unknown };
  }
  type Exports = Record<string | symbol, unknown>;

  /** The engine holds the other end of this pipe, so it closes when the engine ends, however that happens. */
  const engineFd = 3;
  // Node loads this into the threads of a program too, which would close the pipe.
  if (isMainThread) {
    new Socket({ fd: engineFd })
      .on("error", () => undefined)
      .on("close", () => {
        try {
          // What this process has started is in its group.
          process.kill(-process.pid, "SIGKILL");
        } catch {
          process.exit(1);
        }
      })
      .resume()
      .unref();
  }

  // Code from the cache makes coverage imprecise.
  if ((process.env["NODE_V8_COVERAGE"] ?? "") === "") {
    enableCompileCache();
    // The engine ends a provider with SIGINT, and Node writes the cache only at a regular exit.
    process.prependOnceListener("SIGINT", () => {
      flushCompileCache();
      if (process.listenerCount("SIGINT") === 0) process.kill(process.pid, "SIGINT");
    });
  }

  // The SDK loads these at every start, and needs them only for automation, for YAML, and to serialize functions.
  const program = `${process.cwd()}/index.js`;
  const sdk = createRequire(defer(createRequire(program), "@pulumi/pulumi/typescript-shim") ?? program);
  for (const name of ["@npmcli/arborist", "normalize-package-data", "./automation", "js-yaml", "semver"])
    defer(sdk, name);
  defer(sdk, "./runtime/closure/v8Hooks", { isInitializedAsync: () => Promise.resolve() });
  // Messages in 50 languages, of which the provider's schemas need the one that zod loads by itself.
  defer(createRequire(__filename), "zod/v4/locales");
  // The engine traces nothing.
  defer(sdk, "./cmd/run/tracing", {
    newSpan: () => (sdk("@opentelemetry/api") as { trace: Tracing }).trace.getTracer("").startSpan(""),
  });

  /**
   * Loads a module when a property is read that `known` does not have. Returns its path, or undefined if it is not
   * installed.
   */
  function defer(require: NodeJS.Require, name: string, known: Exports = {}): string | undefined {
    let path: string;
    try {
      path = require.resolve(name);
    } catch {
      return undefined;
    }
    let loaded: Exports | undefined;
    const load = (): Exports => {
      if (loaded === undefined) {
        delete require.cache[path];
        loaded = require(path) as Exports;
      }
      return loaded;
    };
    const placeholder = new Module(path);
    placeholder.loaded = true;
    placeholder.exports = new Proxy(known, {
      get: (_, key) => {
        // Without this mark, compiled imports copy all properties immediately.
        if (key === "__esModule") return true;
        return known[key] ?? load()[key] ?? (key === "default" ? load() : undefined);
      },
      has: (_, key) => key in load(),
    });
    require.cache[path] = placeholder;
    return path;
  }
}
