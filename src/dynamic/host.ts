/** The seam to Pulumi's dynamic host: turns the lifecycle of a resource into the provider object that the host calls, with all that the host does its own way. */
import type { CheckFailure, CheckResult } from "../check.js";
import { type Voice, voiceOf } from "./console.js";
import { hostError } from "./errors.js";
import { CreateGuard } from "./interrupt.js";
import { Session } from "./session.js";
import { decodeUnknowns, encodeUnknowns } from "./unknowns.js";

/** Properties as they come over the wire. */
export type Properties = Readonly<Record<string, unknown>>;

/** What a change means: `changes` undefined leaves the comparison of inputs to the engine. */
export interface DiffAnswer {
  readonly changes: boolean | undefined;
  readonly replaces: readonly string[];
  readonly warning?: string | undefined;
}

/** The calls of a lifecycle that reach the API. */
export interface Lifecycle {
  create(inputs: Properties, interrupt: AbortSignal): Promise<{ id: string; state: object }>;
  read(id: string, state: Properties): Promise<{ found: false } | { found: true; state: object; inputs: object }>;
  update(id: string, state: Properties, inputs: Properties): Promise<object>;
  delete(id: string, state: Properties): Promise<void>;
  /** Whether an error is one that people are expected to meet. */
  isExpected(error: Error): boolean;
}

/** A resource as the seam takes it. */
export interface ResourceBinding {
  /** What people call it: `warm pool`. */
  readonly kind: string;
  /** Whether a replacement must delete first. */
  readonly deleteBeforeReplace: boolean;
  /** The properties that tell one object of this kind from all others, from inputs or state. */
  readonly identity: readonly string[];
  check(news: Properties): CheckResult;
  diff(state: Properties, news: Properties): DiffAnswer;
  /** Loads what calls the API; a preview without changes never needs it. */
  lifecycle(session: Session, voice: Voice): Promise<Lifecycle>;
}

/** The provider object of the dynamic host (`pulumi.dynamic.ResourceProvider`), as we implement it. */
export interface DynamicProvider {
  configure(request: { config: { get(key: string): string | undefined } }): Promise<void>;
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Properties): Promise<{ id: string; outs: object }>;
  read(id: string, properties: Properties): Promise<{ id?: string; props?: object; inputs?: object }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: object }>;
  delete(id: string, properties: Properties): Promise<void>;
}

/** Shared by all resources of this process. */
const session = new Session();
const creates = new CreateGuard(process);

/** The provider object for a resource. */
export function dynamicProvider(binding: ResourceBinding): DynamicProvider {
  /** The names that the program gave, by identity: the host tells a provider neither URN nor name, so the program side does. */
  const names = new Map<string, string>();
  const identityOf = (properties: Properties) => {
    const values = binding.identity.map((name) => properties[name]);
    return values.every((value) => typeof value === "string") ? values.join("/") : undefined;
  };
  const nameOf = (properties: Properties) => names.get(identityOf(properties) ?? "");
  const voice = (properties: Properties) => voiceOf(binding.kind, nameOf(properties));

  /** Runs a call of the lifecycle and puts its errors into the form that the host wants. */
  const call = async <T>(properties: Properties, run: (lifecycle: Lifecycle) => Promise<T>): Promise<T> => {
    let lifecycle: Lifecycle | undefined;
    try {
      lifecycle = await binding.lifecycle(session, voice(properties));
      return await run(lifecycle);
    } catch (error) {
      throw hostError(error, (expected) => lifecycle?.isExpected(expected) ?? false, properties["__provider"]);
    }
  };

  return {
    // Everything happens before the first await: the host hands this object to other calls without waiting for the promise.
    async configure({ config }) {
      session.configure((key) => config.get(key));
    },
    async check(_olds, news) {
      try {
        session.check((line) => console.log(`warning: ${line}`));
      } catch (error) {
        throw hostError(error, () => false);
      }
      const { __label: name, ...properties } = decodeUnknowns(news);
      const { inputs, failures } = binding.check(properties);
      const identity = identityOf(inputs);
      const other = nameOf(inputs);
      if (typeof name === "string" && other !== undefined && other !== name) {
        const reason = `${other} and ${name} declare the ${binding.kind} of the same ${binding.identity.join(" and ")}: there can be only one`;
        return {
          inputs: encodeUnknowns(inputs),
          failures: [...failures, { property: binding.identity.at(-1) ?? "", reason }],
        };
      }
      if (typeof name === "string" && identity !== undefined) names.set(identity, name);
      return { inputs: encodeUnknowns(inputs), failures: [...failures] };
    },
    async diff(_id, olds, news) {
      const { changes, replaces, warning } = binding.diff(decodeUnknowns(olds), decodeUnknowns(news));
      if (warning !== undefined) voice(news).warn(warning);
      return {
        ...(changes === undefined ? {} : { changes }),
        replaces: [...replaces],
        deleteBeforeReplace: binding.deleteBeforeReplace && replaces.length > 0,
      };
    },
    async create(inputs) {
      const { id, state } = await call(inputs, (lifecycle) =>
        creates.run((interrupt) => lifecycle.create(inputs, interrupt)),
      );
      return { id, outs: state };
    },
    async read(id, properties) {
      const result = await call(properties, (lifecycle) => lifecycle.read(id, properties));
      return result.found ? { id, props: result.state, inputs: result.inputs } : {};
    },
    async update(id, olds, news) {
      return { outs: await call(news, (lifecycle) => lifecycle.update(id, olds, news)) };
    },
    async delete(id, properties) {
      await call(properties, (lifecycle) => lifecycle.delete(id, properties));
    },
  };
}
