/** The file for `pulumi import --file`. The CLI ignores properties that it does not know, so that ours can say whose it is. */
import * as z from "zod/mini";
import { type ResourceKind, typeTokens } from "../stack-state.js";
import { jsonText } from "../format.js";
import { isMarkOf, markOf, notOurs, type OwnFile } from "./output-files.js";
import type { ImportResource } from "./plan.js";

const file = z.object({
  "//": z.string(),
  resources: z.array(
    z.looseObject({
      type: z.enum([typeTokens.WarmPool, typeTokens.Prebuild]),
      id: z.string(),
      inputs: z.looseObject({ connection: z.optional(z.string()) }),
    }),
  ),
});

/** The file's text. */
export function importFileText(resources: readonly ImportResource[]): string {
  const written = resources.map(({ kind, name, id, inputs, outputs, provider }) => ({
    type: typeTokens[kind],
    name,
    id,
    inputs: { __provider: provider, ...inputs },
    outputs: { __provider: provider, ...outputs },
  }));
  return `${jsonText({ "//": markOf(JSON.stringify(written)), resources: written })}\n`;
}

/**
 * What an earlier run has put into the file; nothing where there is no file.
 * @throws CliError where the file is not ours
 */
export function readImportFile({
  path,
  text,
}: OwnFile): { kind: ResourceKind; id: string; connection: string | undefined }[] {
  if (text === undefined) return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw notOurs(path);
  }
  const parsed = file.safeParse(json);
  // The resources as they stand in the file: a parser may have put their properties into another order.
  const resources = typeof json === "object" && json !== null && "resources" in json ? json.resources : undefined;
  if (!parsed.success || !isMarkOf(parsed.data["//"], JSON.stringify(resources))) throw notOurs(path);
  return parsed.data.resources.map(({ type, id, inputs }) => ({
    kind: type === typeTokens.WarmPool ? "WarmPool" : "Prebuild",
    id,
    connection: inputs.connection,
  }));
}
