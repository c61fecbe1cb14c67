// Runs one script after the other, each as if it were alone in a new process: with its own environment, arguments, and
// modules. Only packages that don't depend on the SDK stay loaded. The engine sends a job and gets a mark at its end.
{
  const { createRequire, registerHooks } = process.getBuiltinModule("node:module");
  const { isModuleNamespaceObject } = process.getBuiltinModule("node:util/types");

  interface Job {
    readonly script: string;
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    /** Ends both outputs of the job. In stdout, the exit code follows, and "last" if no job may follow. */
    readonly endMark: string;
  }

  interface Server {
    bindAsync: (this: Server, ...args: unknown[]) => void;
    forceShutdown(): void;
  }

  interface Listener {
    onReceiveStatus(status: unknown): void;
  }

  interface Call {
    start: (this: Call, metadata: unknown, listener: Listener) => void;
    cancelWithStatus(status: number, details: string): void;
  }

  interface Channel {
    createCall: (this: Channel, ...args: unknown[]) => Call;
    close(): void;
  }

  /** Packages, and the SDK's messages, have no state of a process. The SDK and our provider's entry have. */
  const stays =
    /[\\/]node_modules[\\/](?!@pulumi[\\/]|pulumi-ona[\\/]dist[\\/]provider\.js$)|@pulumi[\\/]pulumi[\\/]proto[\\/]/;
  const require = createRequire(__filename);
  const initialModules = new Set(Object.keys(require.cache));
  /** The SDK's messages, which stay loaded, keep their classes in `proto`. */
  const initialGlobals = new Set([...Object.getOwnPropertyNames(globalThis), "proto"]);
  /** ts-node adds its own, which would compile what the ones of the next script have compiled already. */
  const initialExtensions = { ...require.extensions };
  const initialListeners = new Map(process.eventNames().map((name) => [name, process.rawListeners(name)]));
  // These streams exist from their first use, and count as active from then on.
  for (const stream of [process.stdout, process.stderr]) stream.uncork();
  const initialResources = process.getActiveResourcesInfo().length;
  const servers = new Set<Server>();
  const channels = new Set<Channel>();
  /** Those that wait for an answer. */
  const calls = new Set<Call>();
  /** A call without an answer, whose methods do nothing. */
  const deadCall = new Proxy({} as Call, { get: () => () => undefined });
  /** The status of gRPC. */
  const canceled = 1;
  let job: Job | undefined;
  let isAbandoned = false;
  /** Node can't unload ES modules. */
  let hasEsModules = false;
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      hasEsModules ||= loaded.format?.startsWith("module") === true;
      return loaded;
    },
  });

  process.on("message", (message: Job | "finish" | "abandon") => {
    if (message === "finish") finish();
    else if (message === "abandon") abandon();
    else start(message);
  });

  // A process would exit here, unless a listener has started more work. Listeners may do that in `nextTick`.
  process.on("beforeExit", () =>
    process.nextTick(() =>
      process.nextTick(() => {
        if (process.getActiveResourcesInfo().length === initialResources) finish();
      }),
    ),
  );
  for (const name of ["message", "beforeExit"]) initialListeners.set(name, process.rawListeners(name));

  function start(next: Job): void {
    job = next;
    process.chdir(next.cwd);
    for (const name of Object.keys(process.env)) if (!(name in next.env)) delete process.env[name];
    Object.assign(process.env, next.env);
    process.argv = [process.execPath, next.script, ...next.args];
    process.exitCode = undefined;
    // Like in a process without this channel, only the script's own work keeps the event loop alive.
    process.channel?.unref();
    process.emit("pulumi-ona:script" as "beforeExit", 0);
    const load = createRequire(next.script);
    watchGrpc(load);
    load(next.script);
  }

  function finish(): void {
    if (job === undefined) return;
    process.emit("exit", Number(process.exitCode ?? 0));
    const code = Number(process.exitCode ?? 0);
    for (const server of servers) server.forceShutdown();
    servers.clear();
    channels.clear();
    calls.clear();
    isAbandoned = false;
    removeListeners();
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (!initialGlobals.has(name)) Reflect.deleteProperty(globalThis, name);
    }
    for (const name of Object.keys(require.extensions)) delete require.extensions[name];
    Object.assign(require.extensions, initialExtensions);
    unloadModules();
    const { endMark } = job;
    job = undefined;
    process.channel?.ref();
    process.stdout.write(`${endMark}${code}${hasEsModules ? " last" : ""}\n`);
    process.stderr.write(`${endMark}\n`);
  }

  /** Drops what the script waits for: its calls never get an answer. Then Node emits "beforeExit". */
  function abandon(): void {
    if (job === undefined) return;
    isAbandoned = true;
    removeListeners();
    for (const call of calls) {
      calls.delete(call);
      call.cancelWithStatus(canceled, "");
    }
    for (const channel of channels) channel.close();
  }

  function removeListeners(): void {
    for (const name of process.eventNames()) {
      const initial = initialListeners.get(name) ?? [];
      for (const listener of process.rawListeners(name)) {
        if (!initial.includes(listener)) process.removeListener(name, listener as () => void);
      }
    }
  }

  /** Unloads modules with state, and all that depend on them. */
  function unloadModules(): void {
    const candidates = Object.values(require.cache).filter((module) => !initialModules.has(module?.filename ?? ""));
    hasEsModules ||= candidates.some((module) => isModuleNamespaceObject(module?.exports));
    const stale = new Set(candidates.filter((module) => !stays.test(module?.filename ?? "")));
    let size;
    do {
      size = stale.size;
      for (const module of candidates) if (module?.children.some((child) => stale.has(child))) stale.add(module);
    } while (stale.size > size);
    for (const module of stale) delete require.cache[module?.filename ?? ""];
  }

  /** Remembers the gRPC servers and calls that a script starts. */
  function watchGrpc(load: NodeJS.Require): void {
    const sdk = createRequire(load.resolve("@pulumi/pulumi"));
    const grpc = sdk("@grpc/grpc-js") as { Server: { prototype: Server }; Channel: { prototype: Channel } };
    const server = grpc.Server.prototype;
    if (Object.hasOwn(server, "isWatched")) return;
    const { bindAsync } = server;
    Object.assign(server, {
      isWatched: true,
      bindAsync(this: Server, ...args: unknown[]) {
        servers.add(this);
        bindAsync.apply(this, args);
      },
    });
    const channel = grpc.Channel.prototype;
    const { createCall } = channel;
    channel.createCall = function (...args) {
      if (isAbandoned) return deadCall;
      const call = createCall.apply(this, args);
      const { start } = call;
      call.start = (metadata, listener) =>
        start.call(call, metadata, {
          ...listener,
          onReceiveStatus: (status) => {
            if (calls.delete(call)) listener.onReceiveStatus(status);
          },
        });
      channels.add(this);
      calls.add(call);
      return call;
    };
  }
}
