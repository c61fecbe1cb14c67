/** The provider objects that Pulumi's dynamic host calls, and what that host does in its own way. */
import type { Properties, Reporter, Resource, ResourceTraits } from "../../lifecycle/contract.js";
import { isManagedState } from "../../lifecycle/state.js";
import type { CheckFailure } from "../../lifecycle/validation.js";
import { createNodeCheck } from "../../util/node-version.js";
import { fillWithNull, omitNulls } from "../../util/nullish.js";
import { ResourceHost } from "../resource-host.js";
import { Session } from "../session.js";
import { hostError } from "./errors.js";
import { reporterFor } from "./reporter.js";
import { CreateGuard } from "./signals.js";
import { decodeUnknowns, encodeUnknowns } from "./unknown-markers.js";

/** Inputs or state. Not the type of the contract, whose declarations reach other packages. */
type Values = Readonly<Record<string, unknown>>;

/** The provider object of the dynamic host (`pulumi.dynamic.ResourceProvider`), as we implement it. */
export interface DynamicProvider {
  configure(request: { config: { get(key: string): string | undefined } }): Promise<void>;
  check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }>;
  diff(
    id: string,
    olds: Values,
    news: Values,
  ): Promise<{ changes?: boolean; replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Values): Promise<{ id: string; outs: object }>;
  read(id: string, properties: Values): Promise<{ id?: string; props?: object; inputs?: object }>;
  update(id: string, olds: Values, news: Values): Promise<{ outs: object }>;
  delete(id: string, properties: Values): Promise<void>;
}

/** Makes the provider of a resource. @internal */
export type MakeProvider = (traits: ResourceTraits, load: () => Promise<Resource>) => DynamicProvider;

/** Starts what the providers of one process share. @internal */
export function startDynamicHost(): MakeProvider {
  const warn = (line: string) => console.log(`warning: ${line}`);
  const session = new Session({ log: (line) => console.log(line), warn });
  const creates = new CreateGuard(process);
  const checkNode = createNodeCheck(warn);

  return (traits, load) => {
    const host = new ResourceHost(traits, load, session);
    const { declarations } = host;
    const reporterOf = (inputs: Properties, id?: string): Reporter =>
      reporterFor(traits.kind, declarations.nameOf(inputs, id), declarations.urnOf(inputs));
    const reporterOfState = (state: Properties, id: string): Reporter =>
      reporterFor(traits.kind, declarations.nameOfState(state, id));

    /** Runs a call and gives its errors the form that the host wants. */
    const run = async <T>({ __provider }: Properties, call: (resource: Resource) => Promise<T>): Promise<T> => {
      const resource = await host.resource();
      try {
        return await call(resource);
      } catch (error) {
        // The host does not add the provider's text to what a partial failure leaves, and no later call could find the
        // provider without it.
        throw hostError(error, (state) => ({ ...outputsOf(resource, state), __provider }));
      }
    };

    return {
      // Everything happens before the first await: the host passes calls on without waiting for this promise.
      async configure({ config }) {
        session.configure((key) => config.get(key));
        checkNode();
      },
      async check(olds, news) {
        const {
          __urn: urn,
          __preview: previewed,
          __ignoreChanges: paths,
          __config: config,
          ...declared
        } = decodeUnknowns(news);
        const isNew = Object.keys(olds).length === 0;
        const context = {
          oldInputs: isNew ? undefined : omitNulls(olds),
          ignoreChanges: namesIn(paths),
          urn: typeof urn === "string" ? urn : undefined,
        };
        return run(news, async () => {
          const name = typeof previewed === "string" ? previewed : nameIn(context.urn);
          const { inputs, failures } = await host.check(declared, name, context, namesIn(config));
          if (isNew && previewed !== undefined && failures.length === 0)
            await host.lookAhead(inputs, reporterOf(inputs));
          return { inputs: encodeUnknowns(inputs), failures: [...failures] };
        });
      },
      async diff(id, olds, news) {
        const inputs = decodeUnknowns(news);
        // Made here in any case: later calls have only the id, and find the name that this one has.
        const reporter = reporterOf(inputs, id);
        const { changes, replaces, deleteBeforeReplace } = await run(news, () =>
          host.diff(id, decodeUnknowns(omitNulls(olds)), inputs, reporter),
        );
        return { ...(changes === undefined ? {} : { changes }), replaces: [...replaces], deleteBeforeReplace };
      },
      async create(inputs) {
        return run(inputs, async (resource) => {
          const { id, state } = await host.create(inputs, reporterOf(inputs), (create) => creates.run(create));
          return { id, outs: outputsOf(resource, state) };
        });
      },
      async read(id, properties) {
        const { __config: config, ...state } = omitNulls(properties);
        return run(state, async (resource) => {
          const result = await host.read(id, state, reporterOfState(state, id), namesIn(config));
          return result.found ? { id, props: outputsOf(resource, result.state), inputs: result.inputs } : {};
        });
      },
      async update(id, olds, news) {
        return run(news, async (resource) => {
          const state = await host.update(id, omitNulls(olds), news, reporterOf(news, id));
          return { outs: outputsOf(resource, state) };
        });
      },
      async delete(id, properties) {
        const state = omitNulls(properties);
        await run(state, () => host.delete(id, state, reporterOfState(state, id)));
      },
    };
  };
}

/** The name in a URN `urn:pulumi:<stack>::<project>::<types>::<name>`. */
function nameIn(urn: string | undefined): string | undefined {
  return urn?.split("::").slice(3).join("::");
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The outputs to store. Unset ones are null, or the SDK would take them for unknown in each preview. */
function outputsOf({ properties: { allNames, readOnlyNames } }: Resource, state: object): object {
  return fillWithNull(state, isManagedState(state) ? allNames : readOnlyNames);
}
