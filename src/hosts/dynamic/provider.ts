/** The provider objects that Pulumi's dynamic host calls, and what that host does in its own way. */
import type { Properties, Reporter, Resource, ResourceTraits } from "../../lifecycle/contract.js";
import { ResourceFailure } from "../../lifecycle/failures.js";
import { isManagedState } from "../../lifecycle/state.js";
import type { CheckFailure } from "../../lifecycle/validation.js";
import { createNodeCheck } from "../../util/node-version.js";
import { omitNulls } from "../../util/nullish.js";
import { idForShell, quoteForShell } from "../../util/text.js";
import { outputsOf, ResourceHost } from "../resource-host.js";
import { Session } from "../session.js";
import { DeclaredNames } from "./declared-names.js";
import { hostError } from "./errors.js";
import {
  describeUndelivered,
  type HiddenInputs,
  isDeleteTimeoutChanged,
  split,
  timeoutMsOf,
  timeoutsIn,
} from "./hidden-inputs.js";
import { reporterFor } from "./reporter.js";
import { CreateGuard } from "./signals.js";
import { decodeUnknowns, encodeUnknowns } from "../unknown-markers.js";

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
  const session = new Session({ log: (line) => console.log(line), warn }, { onInterrupt: "undo", importCommand });
  const creates = new CreateGuard(process);
  const checkNode = createNodeCheck(warn);
  let readConfig: (key: string) => string | undefined = () => undefined;

  return (traits, load) => {
    const host = new ResourceHost(traits, load, session);
    const names = new DeclaredNames(traits.identity);
    const reporterOf = (inputs: Properties, id?: string): Reporter =>
      reporterFor(traits.kind, names.nameOf(inputs, id), names.urnOf(inputs));
    const reporterOfState = (state: Properties, id: string): Reporter =>
      reporterFor(traits.kind, names.nameOfState(state, id));

    /** Runs a call and gives its errors the form that the host wants. */
    const run = async <T>(hidden: HiddenInputs, call: (resource: Resource) => Promise<T>): Promise<T> => {
      const resource = await host.resource();
      try {
        return await call(resource);
      } catch (error) {
        // The host does not add the provider's text to what a partial failure leaves, and no later call could find the
        // provider without it.
        throw hostError(error, (state) => ({ ...outputsOf(resource, state), ...hidden }));
      }
    };

    return {
      // Everything happens before the first await: the host passes calls on without waiting for this promise.
      async configure({ config }) {
        readConfig = (key) => config.get(key);
        session.configure(readConfig);
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
        const { hidden, shown } = split(declared);
        const isNew = Object.keys(olds).length === 0;
        return run(hidden, async () => {
          const knownUrn = typeof urn === "string" ? urn : undefined;
          const name = typeof previewed === "string" ? previewed : nameIn(knownUrn);
          const undelivered = describeUndelivered(readConfig, namesIn(config));
          if (undelivered !== undefined)
            return { inputs: encodeUnknowns(declared), failures: [{ property: "", reason: undelivered }] };
          const checked = await host.check(shown, { name });
          const { inputs } = checked;
          const failures = [...checked.failures];
          if (hidden.__timeouts !== undefined)
            failures.push(...(await import("./check-timeouts.js")).checkTimeouts(hidden.__timeouts));
          const ignoreChanges = namesIn(paths);
          const oldInputs = isNew ? undefined : split(omitNulls(olds)).shown;
          names.declare(inputs, { name, urn: knownUrn }, { oldInputs, ignoreChanges });
          if (isNew && previewed !== undefined && failures.length === 0)
            await host.lookAhead(inputs, reporterOf(inputs), ignoreChanges);
          return { inputs: encodeUnknowns({ ...inputs, ...hidden }), failures };
        });
      },
      async diff(id, olds, news) {
        const old = split(decodeUnknowns(omitNulls(olds)));
        const { hidden, shown: inputs } = split(decodeUnknowns(news));
        // Made here in any case: later calls have only the id, and find the name that this one has.
        const reporter = reporterOf(inputs, id);
        // State that the plugin wrote has no `__provider`, which refresh and delete need to find this provider. Nor has
        // it the connection to the account of its explicit provider.
        const isPluginState = hidden.__provider !== undefined && old.hidden.__provider === undefined;
        const state = isPluginState ? { ...old.shown, connection: inputs["connection"] } : old.shown;
        const result = await run(hidden, () => host.diff(id, state, inputs, reporter));
        const { replaces, deleteBeforeReplace } = result;
        let { changes } = result;
        if (isPluginState) changes = true;
        else if (changes === false && isDeleteTimeoutChanged(old.hidden, hidden)) changes = undefined;
        return { ...(changes === undefined ? {} : { changes }), replaces: [...replaces], deleteBeforeReplace };
      },
      async create(news) {
        const { hidden, shown: inputs } = split(news);
        const timeoutMs = timeoutMsOf("create", hidden);
        const { ignoreChanges } = names.contextOf(inputs);
        return run(hidden, async (resource) => {
          const { id, state } = await creates.run((interrupt) =>
            host.create(inputs, reporterOf(inputs), { timeoutMs, interrupt, ignoreChanges }),
          );
          return { id, outs: { ...outputsOf(resource, state), ...timeoutsIn(hidden) } };
        });
      },
      async read(id, properties) {
        const { __config: config, ...stored } = omitNulls(properties);
        const { hidden, shown: state } = split(stored);
        return run(hidden, async (resource) => {
          const undelivered = describeUndelivered(readConfig, namesIn(config));
          if (undelivered !== undefined) throw new ResourceFailure(`${undelivered}.`);
          const result = await host.read(id, state, reporterOfState(state, id));
          if (!result.found) return {};
          const timeouts = isManagedState(state) ? timeoutsIn(hidden) : {};
          const props = { ...outputsOf(resource, result.state), ...timeouts };
          return { id: result.id, props, inputs: { ...result.inputs, ...timeouts } };
        });
      },
      async update(id, olds, news) {
        const { shown: state } = split(omitNulls(olds));
        const { hidden, shown: inputs } = split(news);
        const timeoutMs = timeoutMsOf("update", hidden);
        const { oldInputs } = names.contextOf(inputs);
        return run(hidden, async (resource) => {
          const now = await host.update(id, state, inputs, reporterOf(inputs, id), { timeoutMs, oldInputs });
          return { outs: { ...outputsOf(resource, now), ...timeoutsIn(hidden) } };
        });
      },
      async delete(id, properties) {
        const { hidden, shown: state } = split(omitNulls(properties));
        const timeoutMs = timeoutMsOf("delete", hidden);
        await run(hidden, () => host.delete(id, state, reporterOfState(state, id), { timeoutMs }));
      },
    };
  };
}

/** Returns the command that imports a warm pool. @internal */
export function importCommand(id: string, name: string | undefined, connection: string | undefined): string {
  const as = name === undefined ? "" : ` --name ${quoteForShell(name)}`;
  const account = connection === undefined ? "" : ` --connection ${quoteForShell(connection)}`;
  return `npx pulumi-ona import --pool ${idForShell(id)}${as}${account}`;
}

/** The name in a URN `urn:pulumi:<stack>::<project>::<types>::<name>`. */
function nameIn(urn: string | undefined): string | undefined {
  return urn?.split("::").slice(3).join("::");
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
