/** Reports to the engine, which shows it in the row of the resource. */
import type { Reporter } from "../../lifecycle/contract.js";
import type { EngineConnection } from "./engine.js";

export function reporterFor(engine: EngineConnection, kind: string, name: string, urn: string): Reporter {
  const about = (line: string, id: string | undefined) => (id === undefined ? line : `${kind} ${id}: ${line}`);
  return {
    name,
    urn,
    progress: (line) => engine.log("INFO", line, urn, true),
    note: (line, id) => engine.log("INFO", about(line, id), urn),
    warn: (line, id) => engine.log("WARNING", about(line, id), urn),
    log: (line) => engine.log("INFO", `| ${line}`, urn),
  };
}
