/** A resource's options after all that changes them: transformations, and the transforms that the engine calls. */
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state";

/**
 * Adds a transformation that runs after all others: those of the resource, of its parents, and of the stack.
 * @param transformation gets the inputs and options that the engine will get
 */
export function transformLast<Options extends pulumi.ResourceOptions>(
  opts: Options,
  transformation: pulumi.ResourceTransformation,
): Options {
  const first: pulumi.ResourceTransformation = (args) => {
    // The SDK iterates over this array, so what is appended runs too. Children inherit what stays in it.
    const { __transformations: all } = args.resource as { __transformations?: pulumi.ResourceTransformation[] };
    if (all === undefined) return transformation(args);
    const last: pulumi.ResourceTransformation = (final) => {
      for (const own of [first, last]) all.splice(all.indexOf(own), 1);
      return transformation(final);
    };
    all.push(last);
    return undefined;
  };
  return { ...opts, transformations: [...(opts.transformations ?? []), first] };
}

/** Not among the SDK's public types. The server starts with the first transform or hook. */
const { getStore = () => ({ callbacks: undefined }) } = runtimeState as {
  getStore?: () => { readonly callbacks?: unknown };
};

/** Parents whose URN is awaited, and programs of which the end of the current task is awaited. */
const awaited = new WeakSet<object>();

/**
 * Registers a stack transform that runs after all others, if the program has any. Call it while the resource is
 * constructed.
 * @param parent the parent of the resource
 */
export function followTransforms(parent: pulumi.Resource | undefined, transform: pulumi.ResourceTransform): void {
  const store = getStore();
  const key = parent ?? store;
  if (awaited.has(key)) return;
  awaited.add(key);
  const follow = (): void => {
    awaited.delete(key);
    const server = store.callbacks === undefined ? undefined : pulumi.runtime.getCallbacks();
    if (server !== undefined) registerLast(server, transform);
  };
  // A component registers its transforms before it gets its URN. A program may register one after the resource.
  void urnOf(parent).then(follow, follow);
}

/** The URN of a resource once it is registered. Empty without a resource. */
export async function urnOf(resource: pulumi.Resource | undefined): Promise<string> {
  // Not among the SDK's public types.
  const { promise } = (resource?.urn ?? {}) as { promise?: () => Promise<string> };
  return (await promise?.()) ?? "";
}

type CallbackServer = NonNullable<ReturnType<typeof pulumi.runtime.getCallbacks>>;

const following = new WeakSet<CallbackServer>();

/** Registers the transform when the SDK awaits registrations: after all others, and before a resource's. */
function registerLast(server: CallbackServer, transform: pulumi.ResourceTransform): void {
  if (following.has(server)) return;
  following.add(server);
  const register = server.registerStackTransform.bind(server);
  const awaitOthers = server.awaitStackRegistrations.bind(server);
  let isLast = false;
  server.registerStackTransform = (other) => {
    isLast = false;
    register(other);
  };
  server.awaitStackRegistrations = async () => {
    // The engine may mix up the order of concurrent registrations.
    await awaitOthers();
    if (!isLast) register(transform);
    isLast = true;
    await awaitOthers();
  };
}
