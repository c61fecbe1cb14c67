/** `pulumi stack export` output of stacks with our resources. */
import { stubText } from "../../src/program/stub.js";
import type { ImportedResource } from "../../src/testing/engine/state/import-file.js";

/** A resource of a stack. */
export interface Exported {
  readonly kind?: "WarmPool" | "Prebuild";
  readonly name: string;
  readonly id?: string;
  readonly inputs?: object;
  readonly outputs?: object;
  /** More fields of the resource in the state. */
  readonly fields?: object;
}

/** The output of `pulumi stack export`. */
export function stackExport(resources: readonly Exported[], { stack = "prod", project = "fleet", version = 3 } = {}) {
  const urn = (type: string, name: string) => `urn:pulumi:${stack}::${project}::${type}::${name}`;
  return {
    version,
    deployment: {
      manifest: { time: "2026-03-01T12:00:00Z", magic: "", version: "v3.260.0" },
      resources: [
        {
          urn: urn("pulumi:pulumi:Stack", `${project}-${stack}`),
          custom: false,
          type: "pulumi:pulumi:Stack",
        },
        ...resources.map(({ kind = "WarmPool", name, id, inputs = {}, outputs = {}, fields = {} }) => {
          const type = `pulumi-nodejs:dynamic/ona:${kind}`;
          const stub = { __provider: stubText(kind === "WarmPool" ? "warmPool" : "prebuild") };
          return {
            urn: urn(type, name),
            custom: true,
            id,
            type,
            inputs: { ...stub, ...inputs },
            outputs: { ...stub, ...inputs, __version: 1, ...outputs },
            ...fields,
          };
        }),
      ],
    },
  };
}

/** The state of a stack after an import file has been imported. */
export function exportOfImport(resources: readonly ImportedResource[]) {
  return stackExport(
    resources.map(({ type, name, id, inputs = {}, outputs = {} }) => ({
      kind: type.endsWith(":Prebuild") ? "Prebuild" : "WarmPool",
      name,
      id,
      inputs,
      outputs,
    })),
  );
}
