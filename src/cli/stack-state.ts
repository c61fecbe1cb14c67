/** Reads what a stack manages from `pulumi stack export`, with the values of secrets if `--show-secrets` added them. */
import { readFile } from "node:fs/promises";
import * as z from "zod/mini";
import { isNullish, omitNulls } from "../util/nullish.js";
import { explicitName } from "../settings/settings.js";
import { prebuildTraits } from "../prebuild/traits.js";
import { warmPoolTraits } from "../warm-pool/traits.js";
import { isUuid, normalizeId } from "../util/uuid.js";
import { tryParseJson } from "../util/text.js";
import { CliError, type Io, systemCode } from "./terminal.js";

export type ResourceKind = "WarmPool" | "Prebuild";

/** A resource and its stack. */
export interface ManagedBy {
  readonly urn: string;
  readonly name: string;
  /** Empty, as `project`, if the state has no URN that says it. */
  readonly stack: string;
  readonly project: string;
  /** The file its state was read from, or `-`. */
  readonly source: string;
}

export interface StateResource {
  readonly kind: ResourceKind;
  readonly by: ManagedBy;
  /** The id at the API, in lower case. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Without those that are null. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The paths in the resource option of that name. */
  readonly ignoreChanges: readonly string[];
  /** The names of inputs and outputs that are secret, encrypted or not. Their values are never printed. */
  readonly secretNames: readonly string[];
  /** The connection that manages it, or the explicit provider. Undefined for the general settings. */
  readonly connection: string | undefined;
  /** Whether it was replaced and the stack's next update deletes it. */
  readonly pendingDelete: boolean;
}

export interface StackState {
  /** The file it was read from, or `-`. */
  readonly source: string;
  /** The stack's name. Undefined when its state is empty. */
  readonly stack: string | undefined;
  readonly project: string | undefined;
  readonly resources: readonly StateResource[];
  /** The names of all its resources of our types, including those it only reads. */
  readonly names: readonly string[];
}

export const traitsOf = { WarmPool: warmPoolTraits, Prebuild: prebuildTraits } as const;

const kinds = ["WarmPool", "Prebuild"] as const;

/** The kind with a type token of the TypeScript classes. Undefined for other types. */
export function kindOfToken(type: unknown): ResourceKind | undefined {
  return kinds.find((kind) => traitsOf[kind].type === type);
}

/** The kind with a type token of the native provider. Undefined for other types. */
function kindOfNative(type: string): ResourceKind | undefined {
  return kinds.find((kind) => type === `ona:index:${kind}`);
}

/** The versions of the format that we read. Version 4 adds a list of features that do not concern dynamic resources. */
const supportedVersions = [3, 4];

const properties = z.nullish(z.record(z.string(), z.unknown()));
const resourceSchema = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.nullish(z.string()),
  provider: z.nullish(z.string()),
  external: z.nullish(z.boolean()),
  delete: z.nullish(z.boolean()),
  inputs: properties,
  outputs: properties,
  ignoreChanges: z.nullish(z.array(z.string())),
});
const resources = z.nullish(z.array(resourceSchema));
const deployment = z.object({ resources });
const version = z.number();
const stateSchema = z.union([
  z.object({ version, deployment }),
  // A stack that was never updated has no deployment in its checkpoint.
  z.object({ version, checkpoint: z.object({ latest: z.nullish(deployment) }) }),
  z.object({ manifest: z.record(z.string(), z.unknown()), resources }),
]);

/** Reads the states of stacks. `-` is standard input. */
export async function readStacks(io: Io, sources: readonly string[]): Promise<StackState[]> {
  const stacks: StackState[] = [];
  for (const source of sources) stacks.push(parseState(source, await readSource(io, source)));
  return stacks;
}

/**
 * Parses the output of `pulumi stack export`, its `deployment` alone, or the state file of a self-managed backend.
 * @throws CliError if the text is none of them
 */
export function parseState(source: string, text: string): StackState {
  const where = source === "-" ? "Standard input" : source;
  const found = parseResources(where, text);
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(found[0]?.urn ?? "") ?? [];
  const providers = explicitProviders(found);
  return {
    ...{ source, stack, project },
    resources: found.flatMap((resource) => toManagedResource(where, resource, providers, { source, stack, project })),
    names: found
      .filter(({ type }) => (kindOfToken(type) ?? kindOfNative(type)) !== undefined)
      .map(({ urn }) => nameOfUrn(urn)),
  };
}

/** The names of the explicit native providers that have an account of their own, by what refers to them in state. */
function explicitProviders(found: readonly z.output<typeof resourceSchema>[]): ReadonlyMap<string, string> {
  const entries = found.flatMap(({ type, urn, id, inputs }): [string, string][] => {
    const name = explicitName(nameOfUrn(urn));
    if (type !== "pulumi:providers:ona" || name === undefined || isNullish(inputs?.["apiKey"])) return [];
    return [[`${urn}::${id}`, name]];
  });
  return new Map(entries);
}

async function readSource(io: Io, source: string): Promise<string> {
  if (source === "-") return io.readStdin();
  try {
    return await readFile(source, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") throw new CliError(`File not found: ${source}.`);
    if (code === "EISDIR") throw new CliError(`${source} is a directory. Give the output of \`pulumi stack export\`.`);
    throw new CliError(`Could not read ${source}: ${code ?? String(error)}.`);
  }
}

function parseResources(where: string, text: string): readonly z.output<typeof resourceSchema>[] {
  if (text.trim() === "") throw new CliError(`${where} is empty. Check that \`pulumi stack export\` succeeded.`);
  // PowerShell starts its output with a byte order mark.
  const json = tryParseJson(text.replace(/^\ufeff/, ""));
  if (json === undefined) throw new CliError(`${where} is not JSON. Give the output of \`pulumi stack export\`.`);
  const { data: versioned } = z.object({ version }).safeParse(json);
  if (versioned !== undefined && !supportedVersions.includes(versioned.version)) {
    throw new CliError(
      `${where} has version ${versioned.version} of Pulumi's state format, but only versions 3 and 4 are supported. ` +
        "Export it again with a newer Pulumi CLI, or upgrade pulumi-ona.",
    );
  }
  const { data: state } = stateSchema.safeParse(json);
  if (state === undefined) {
    throw new CliError(`${where} is not the state of a stack. Give the output of \`pulumi stack export\`.`);
  }
  const latest = "deployment" in state ? state.deployment : "checkpoint" in state ? state.checkpoint.latest : state;
  return latest?.resources ?? [];
}

function toManagedResource(
  where: string,
  resource: z.output<typeof resourceSchema>,
  providers: ReadonlyMap<string, string>,
  { source, stack = "", project = "" }: Pick<StackState, "source" | "stack" | "project">,
): StateResource[] {
  const { urn, id } = resource;
  const native = kindOfNative(resource.type);
  const kind = native ?? kindOfToken(resource.type);
  // The stack only reads external resources, and one without an id was never created.
  if (kind === undefined || resource.external === true || !id) return [];
  const name = nameOfUrn(urn);
  if (!isUuid(id)) throw new CliError(`${where}: the id of ${kind} ${name} is not a UUID.`);
  const [inputs, outputs] = [revealAll(resource.inputs), revealAll(resource.outputs)];
  const stored = [...Object.entries(resource.inputs ?? {}), ...Object.entries(resource.outputs ?? {})];
  const secretNames = new Set(stored.flatMap(([property, value]) => (containsSecret(value) ? [property] : [])));
  // Not from the outputs, where even null may be encrypted.
  const connection = (native ? providers.get(resource.provider ?? "") : inputs["connection"]) ?? undefined;
  if (connection !== undefined && typeof connection !== "string") {
    throw new CliError(
      `${where}: the connection of ${kind} ${name} is encrypted, so its account is unknown. ${adviceToShowSecrets}.`,
    );
  }
  const by = { urn, name, stack, project, source };
  const managed = { kind, by, id: normalizeId(id), connection, pendingDelete: resource.delete === true };
  const ignoreChanges = resource.ignoreChanges ?? [];
  return [{ ...managed, inputs, outputs: omitNulls(outputs), ignoreChanges, secretNames: [...secretNames] }];
}

/** What to do if a secret value is needed. */
export const adviceToShowSecrets = "Export the state with `pulumi stack export --show-secrets`";

/** Marks assets, secrets and other special values in a state, and the mark of secrets. */
const [signatureKey, secretSignature] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

function revealAll(values: z.output<typeof properties>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, reveal(value)]));
}

/** A value with the plaintext of its secrets. An encrypted secret stays as it is. */
function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  const entries = new Map<string, unknown>(Object.entries(value));
  if (entries.get(signatureKey) !== secretSignature) {
    return Object.fromEntries([...entries].map(([name, part]) => [name, reveal(part)]));
  }
  const plaintext = entries.get("plaintext");
  const json = typeof plaintext === "string" ? tryParseJson(plaintext) : undefined;
  return json === undefined ? value : reveal(json);
}

/** Whether a value is or contains a secret. */
function containsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([name, part]) => (name === signatureKey && part === secretSignature) || containsSecret(part),
  );
}

/** The name in `urn:pulumi:stack::project::type::name`. A name may contain colons. */
function nameOfUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
