/** What `pulumi stack export` writes: the resources of ours that a stack manages. Secrets stay as they are, encrypted: nothing here needs them. */
import { readFile } from "node:fs/promises";
import * as z from "zod/mini";
import { omitNulls } from "../util/nullish.js";
import { isUuid } from "../lifecycle/validation.js";
import { sanitize } from "../util/text.js";
import { CliError, type Io, systemCode } from "./terminal.js";

/** The kinds of resources of this package. */
export type ResourceKind = "WarmPool" | "Prebuild";

/** A resource that a stack manages. */
export interface StateResource {
  readonly kind: ResourceKind;
  readonly urn: string;
  /** Its name in the program. */
  readonly name: string;
  /** The id at the API, in lower case. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Those that are set. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The connection over which it is managed; undefined for the one that the general settings are of. */
  readonly connection: string | undefined;
  /** Replaced, and to be deleted by the stack's next update. */
  readonly pendingDelete: boolean;
}

/** What a stack manages. */
export interface StackState {
  /** Where it was read: a file's name, or `-`. */
  readonly source: string;
  /** The stack's name; undefined where its state is empty. */
  readonly stack?: string;
  /** The name of its Pulumi project. */
  readonly project?: string;
  readonly resources: readonly StateResource[];
  /** The names of all its resources of ours, of those that it only reads too. */
  readonly names: readonly string[];
}

/** Type tokens of ours by kind. */
export const typeTokens = {
  WarmPool: "pulumi-nodejs:dynamic/ona:WarmPool",
  Prebuild: "pulumi-nodejs:dynamic/ona:Prebuild",
} as const satisfies Record<ResourceKind, string>;

/** The versions of the format. 4 is 3 with a list of features, which do not concern dynamic resources. */
const versions: ReadonlySet<number> = new Set([3, 4]);

const properties = z.nullish(z.record(z.string(), z.unknown()));
const resource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.nullish(z.string()),
  custom: z.nullish(z.boolean()),
  external: z.nullish(z.boolean()),
  delete: z.nullish(z.boolean()),
  inputs: properties,
  outputs: properties,
});
const deployment = z.object({ resources: z.nullish(z.array(resource)) });
/** A stack that has never been updated has no deployment in its checkpoint. */
const exported = z.object({ version: z.number(), deployment });
const checkpoint = z.object({ version: z.number(), checkpoint: z.object({ latest: z.nullish(deployment) }) });
const bare = z.object({ manifest: z.record(z.string(), z.unknown()), resources: z.nullish(z.array(resource)) });

/**
 * Reads states, `-` being standard input.
 * @throws CliError when one of them cannot be read or is no state
 */
export async function readStacks(io: Io, sources: readonly string[]): Promise<StackState[]> {
  const stacks: StackState[] = [];
  for (const source of sources) stacks.push(parseState(source, await readSource(io, source)));
  return stacks;
}

/**
 * The state that a text holds: the output of `pulumi stack export`, its `deployment` alone, or the file that a self-managed backend keeps.
 * @throws CliError when it is none
 */
export function parseState(source: string, text: string): StackState {
  const where = source === "-" ? "Standard input" : source;
  if (text.trim() === "") throw new CliError(`${where} is empty. Has \`pulumi stack export\` failed?`);
  const json = parseJson(where, text);
  const found = resourcesOf(where, json);
  const [, stack, project] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(found[0]?.urn ?? "") ?? [];
  return {
    source,
    ...(stack === undefined ? {} : { stack }),
    ...(project === undefined ? {} : { project }),
    resources: found.flatMap((each) => managedResource(where, each)),
    names: found.filter(({ type }) => kindOf(type) !== undefined).map(({ urn }) => nameIn(urn)),
  };
}

async function readSource(io: Io, source: string): Promise<string> {
  if (source === "-") return io.readStdin();
  try {
    return await readFile(source, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") throw new CliError(`There is no file ${source}.`);
    if (code === "EISDIR") throw new CliError(`${source} is a folder. Name files that \`pulumi stack export\` wrote.`);
    throw new CliError(`${source} cannot be read: ${code ?? String(error)}.`);
  }
}

function parseJson(where: string, text: string): unknown {
  try {
    // PowerShell begins what it writes with a byte order mark.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new CliError(`${where} is not JSON. What is needed is the output of \`pulumi stack export\`.`);
  }
}

function resourcesOf(where: string, json: unknown): readonly z.output<typeof resource>[] {
  const version = z.object({ version: z.number() }).safeParse(json);
  if (version.success && !versions.has(version.data.version)) {
    throw new CliError(
      `${where} has version ${version.data.version} of Pulumi's format; 3 and 4 can be read. Export it again with a newer CLI, or upgrade pulumi-ona.`,
    );
  }
  const whole = exported.safeParse(json);
  if (whole.success) return whole.data.deployment.resources ?? [];
  const kept = checkpoint.safeParse(json);
  if (kept.success) return kept.data.checkpoint.latest?.resources ?? [];
  const alone = bare.safeParse(json);
  if (alone.success) return alone.data.resources ?? [];
  throw new CliError(`${where} is not a state of a stack. What is needed is the output of \`pulumi stack export\`.`);
}

function managedResource(where: string, { urn, type, ...rest }: z.output<typeof resource>): StateResource[] {
  const kind = kindOf(type);
  // What is external is only read by the stack. What has no id was never made.
  if (kind === undefined || rest.external === true || !rest.id) return [];
  const name = nameIn(urn);
  if (!isUuid(rest.id)) {
    throw new CliError(`${where}: the id of ${kind} ${sanitize(name)} is not a UUID, so it cannot be looked up.`);
  }
  return [
    {
      kind,
      urn,
      name,
      id: rest.id.toLowerCase(),
      inputs: rest.inputs ?? {},
      outputs: omitNulls(rest.outputs ?? {}),
      // Not from the outputs: null may stand there encrypted.
      connection: connectionIn(where, name, rest.inputs?.["connection"]),
      pendingDelete: rest.delete === true,
    },
  ];
}

function connectionIn(where: string, name: string, connection: unknown): string | undefined {
  if (connection === undefined || connection === null || typeof connection === "string") return connection ?? undefined;
  throw new CliError(`${where}: the connection of ${sanitize(name)} is encrypted, so its account is not known.`);
}

function kindOf(type: string): ResourceKind | undefined {
  return type === typeTokens.WarmPool ? "WarmPool" : type === typeTokens.Prebuild ? "Prebuild" : undefined;
}

/** The name in `urn:pulumi:stack::project::type::name`; a name may contain colons. */
function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
