/** The seam to Pulumi's dynamic host: turns the lifecycle of a resource into the provider object that the host calls, with all that the host does its own way. */
import { fillWithNull, omitNulls } from "../../util/nullish.js";
import type { CheckFailure } from "../../lifecycle/validation.js";
import { describeNodeProblem } from "../../util/node-version.js";
import type {
  AccountSession,
  Lifecycle,
  Properties,
  Reporter,
  Resource,
  ResourceTraits,
} from "../../lifecycle/contract.js";
import { requireKnownState } from "../../lifecycle/state.js";
import { Claims } from "../claims.js";
import { reporterFor } from "./reporter.js";
import { hostError } from "./errors.js";
import { CreateGuard } from "./signals.js";
import { Names } from "../declarations.js";
import { Session } from "../session.js";
import { decodeUnknowns, encodeUnknowns } from "./unknown-markers.js";

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

let warnedOfNode = false;

/** Once: the process is configured for each kind of resource. */
function warnOfNode(): void {
  if (warnedOfNode) return;
  warnedOfNode = true;
  const tooOld = describeNodeProblem(process.version);
  if (tooOld !== undefined) console.log(`warning: ${tooOld}`);
}

/** The account that inputs or state name. */
function accountOf({ connection }: Properties): AccountSession {
  return session.account(typeof connection === "string" ? connection : undefined);
}

/** What is wrong with the connection of checked inputs. A name that is not known yet, or refused already, says nothing. */
function checkConnection({ connection }: Properties): CheckFailure[] {
  if (connection !== undefined && typeof connection !== "string") return [];
  const reason = expectedly(() => session.check(connection, (line) => console.log(`warning: ${line}`)));
  return reason === undefined ? [] : [{ property: "connection", reason: `connection ${reason}` }];
}

/** Runs what needs no lifecycle, with its errors in the form that the host wants. */
function expectedly<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw hostError(error, () => false);
  }
}

/** What state keeps: all that is shown, set or not. */
function kept({ shownNames, readNames }: Resource, state: object): object {
  return fillWithNull(state, "__managed" in state ? shownNames : readNames);
}

/** What is replaced because of its connection is deleted over the old one, whose settings may be gone by now. */
function warnOfOldConnection({ connection }: Properties, reporter: Reporter): void {
  if (typeof connection !== "string" && connection !== undefined) return;
  const missing = session.whyNoToken(connection);
  if (missing !== undefined)
    reporter.warn(`it has to be deleted over its old connection, and \`pulumi up\` cannot: ${missing}`);
}

/** The provider object for a resource. */
export function dynamicProvider(traits: ResourceTraits, load: () => Promise<Resource>): DynamicProvider {
  const { kind, identity = [] } = traits;
  const names = new Names(traits.identity);
  const claims = new Claims(traits.identity);
  const reporterOf = (inputs: Properties, id?: string) => reporterFor(kind, names.of(inputs, id));
  const reporterForState = (state: Properties, id: string) => reporterFor(kind, names.ofState(state, id));
  let loading: Promise<Resource> | undefined;
  const loaded = () => (loading ??= load());

  /** Runs a call of the lifecycle, on state that this release knows, and puts its errors into the form that the host wants. */
  const call = async <T>(
    properties: Properties,
    reporter: Reporter,
    run: (lifecycle: Lifecycle) => Promise<T>,
    state: Properties = {},
  ): Promise<T> => {
    const binding = await loaded();
    let lifecycle: Lifecycle | undefined;
    try {
      lifecycle = await binding.lifecycle(accountOf(properties), reporter);
      requireKnownState(state);
      return await run(lifecycle);
    } catch (error) {
      // Unlike what a method returns, the host does not add the provider's text to what a failed one leaves, and without it no later call could find the provider.
      const left = (state: object) => ({ ...kept(binding, state), __provider: properties["__provider"] });
      throw hostError(error, (expected) => lifecycle?.isExpected(expected) ?? false, left);
    }
  };

  return {
    // Everything happens before the first await: the host hands this object to other calls without waiting for the promise.
    async configure({ config }) {
      session.configure((key) => config.get(key));
      warnOfNode();
    },
    async check(olds, news) {
      const { __label: name, __preview: preview, ...properties } = decodeUnknowns(news);
      const binding = await loaded();
      const { inputs, failures: refused } = binding.check(properties);
      const isRefused = refused.some(({ property }) => property === "connection");
      const failures = isRefused ? [...refused] : [...refused, ...checkConnection(inputs)];
      const checked = encodeUnknowns(inputs);
      claims.declare(checked);
      const other = typeof name === "string" ? names.declare(checked, name) : undefined;
      if (other !== undefined) {
        const reason = `${other} and ${String(name)} declare the ${kind} of the same ${identity.join(" and ")}: there can be only one`;
        return { inputs: checked, failures: [...failures, { property: identity.at(-1) ?? "", reason }] };
      }
      const creates = preview === true && failures.length === 0 && Object.keys(olds).length === 0;
      if (creates && binding.looksAhead?.(inputs)) {
        await (await binding.lifecycle(accountOf(inputs), reporterOf(checked))).lookAhead?.(inputs);
      }
      return { inputs: checked, failures };
    },
    async diff(id, olds, news) {
      const state = omitNulls(olds);
      expectedly(() => requireKnownState(state));
      const binding = await loaded();
      const { changes, replaces, warning, note } = binding.diff(decodeUnknowns(state), decodeUnknowns(news));
      // Asked for in any case: later calls know the resource by its id alone, and this one tells the name of it.
      const reporter = reporterOf(news, id);
      if (warning !== undefined) reporter.warn(warning);
      if (note !== undefined) reporter.progress(note, id);
      if (replaces.includes("connection")) warnOfOldConnection(state, reporter);
      if (replaces.length === 0) claims.keep(news, id);
      return {
        ...(changes === undefined ? {} : { changes }),
        replaces: [...replaces],
        deleteBeforeReplace: binding.deleteBeforeReplace && replaces.length > 0,
      };
    },
    async create(inputs) {
      const { id, state } = await call(inputs, reporterOf(inputs), (lifecycle) =>
        creates.run((interrupt) => lifecycle.create(inputs, interrupt)),
      );
      return { id, outs: kept(await loaded(), state) };
    },
    async read(id, props) {
      const properties = omitNulls(props);
      const reporter = reporterForState(properties, id);
      const result = await call(properties, reporter, (lifecycle) => lifecycle.read(id, properties), properties);
      return result.found ? { id, props: kept(await loaded(), result.state), inputs: result.inputs } : {};
    },
    async update(id, olds, news) {
      const state = omitNulls(olds);
      const updated = await call(news, reporterOf(news, id), (lifecycle) => lifecycle.update(id, state, news), state);
      return { outs: kept(await loaded(), updated) };
    },
    async delete(id, props) {
      const properties = omitNulls(props);
      const reporter = reporterForState(properties, id);
      if (claims.has(id)) return reporter.progress("it is not deleted: another resource of this stack has it", id);
      await call(properties, reporter, (lifecycle) => lifecycle.delete(id, properties), properties);
    },
  };
}
