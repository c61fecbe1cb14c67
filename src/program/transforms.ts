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

/** A server of callbacks, and whether the transform that follows all others is registered there. */
const following = new WeakMap<object, Promise<void>>();

/**
 * Registers a stack transform that runs after all others, if the program has any.
 * @param parent the parent of the resource that is about to be registered
 */
export async function followTransforms(
  parent: pulumi.Resource | undefined,
  transform: pulumi.ResourceTransform,
): Promise<void> {
  // A component registers its transforms before it gets its URN.
  const { promise } = (parent?.urn ?? {}) as { promise?: () => Promise<unknown> };
  await promise?.();
  // Not among the SDK's public types. The server starts with the first transform or hook.
  const { getStore } = runtimeState as { getStore?: () => { readonly callbacks?: unknown } };
  const server = getStore?.().callbacks === undefined ? undefined : pulumi.runtime.getCallbacks();
  if (server === undefined) return;
  const registered = following.get(server) ?? registerLast(server, transform);
  following.set(server, registered);
  await registered;
}

type CallbackServer = NonNullable<ReturnType<typeof pulumi.runtime.getCallbacks>>;

async function registerLast(server: CallbackServer, transform: pulumi.ResourceTransform): Promise<void> {
  const register = server.registerStackTransform.bind(server);
  // Another one that comes later would run later.
  server.registerStackTransform = (later) => {
    server.registerStackTransform = register;
    following.delete(server);
    register(later);
  };
  // The engine may mix up the order of concurrent registrations.
  await pulumi.runtime.awaitStackRegistrations();
  register(transform);
}
