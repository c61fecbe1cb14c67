/** Prints an operation like `pulumi … --diff`: steps when they start, outputs when they exist, and a summary. */
import { difference, isInternalKey, keysOf, type Difference } from "../state/property-diff.js";
import type { EngineEvent, StepView } from "../run/engine-events.js";
import type { Diagnostic } from "../state/diagnostic.js";
import {
  indent,
  isWorthShowing,
  printChange,
  printDifference,
  printDifferenceOf,
  printMap,
  printProperty,
  widest,
} from "./print-properties.js";
import { isInternal, ops, pastTense, signs, type Op } from "../plan/step-types.js";
import { isRootStack, nameOf, urnOfProvider } from "../state/urn.js";
import { equal, Unknown, unknownMarker, type PropertyMap } from "../state/property-values.js";

export interface DisplayOptions {
  readonly stack: string;
  readonly kind: "update" | "refresh" | "destroy" | "import";
  readonly dryRun: boolean;
  readonly write: (text: string) => void;
}

/** Prints one operation. */
export class Display {
  readonly #started = Date.now();
  readonly #seen = new Map<string, StepView>();
  readonly #counts = new Map<Op, number>();
  #failures = 0;

  readonly #options: DisplayOptions;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#options.write(`${this.#heading()} (${options.stack}):\n`);
  }

  /** Prints an event. */
  on(event: EngineEvent): void {
    switch (event.type) {
      case "diagnostic":
        return this.#diagnostic(event.diagnostic);
      case "started":
        this.#seen.set(event.step.urn, event.view);
        if (!isInternal(event.step)) this.#step(event.view);
        return;
      case "finished":
        if (event.counted) this.#counts.set(event.op, (this.#counts.get(event.op) ?? 0) + 1);
        if (!isInternal(event.step)) this.#finished(event.step.old?.custom ?? true, event.view);
        return;
      case "outputs":
        return this.#outputs(event.view);
      case "failed":
        if (!this.#options.dryRun) this.#failures++;
        return;
    }
  }

  /** The number of resources per operation. */
  changeSummary(): Partial<Record<Op, number>> {
    return Object.fromEntries(ops.flatMap((op) => (this.#counts.has(op) ? [[op, this.#counts.get(op)]] : [])));
  }

  /** Prints the counts and the duration of an update. */
  summary(): void {
    const { write, dryRun } = this.#options;
    write("Resources:\n");
    const unchanging: readonly Op[] = ["same", "read", "discard", "read-replacement"];
    let kinds = 0;
    let total = 0;
    for (const op of ops) {
      const count = this.#counts.get(op) ?? 0;
      if (count === 0 || unchanging.includes(op)) continue;
      kinds++;
      total += count;
      write(`    ${signs[op]}${count} ${dryRun ? `to ${op}` : pastTense(op)}\n`);
    }
    const same = this.#counts.get("same") ?? 0;
    const pieces = [...(kinds >= 2 ? [`${total} changes`] : []), ...(same > 0 ? [`${same} unchanged`] : [])];
    if (pieces.length > 0) write(`    ${pieces.join(". ")}\n`);
    if (this.#failures > 0) write(`    ${this.#failures} errored\n`);
    if (!dryRun) write(`\nDuration: ${Math.max(1, Math.ceil((Date.now() - this.#started) / 1000))}s\n`);
  }

  #heading(): string {
    const { kind, dryRun } = this.#options;
    if (dryRun) return `Previewing ${kind}`;
    return { update: "Updating", refresh: "Refreshing", destroy: "Destroying", import: "Importing" }[kind];
  }

  #diagnostic({ severity, message }: Diagnostic): void {
    if (severity === "debug") return;
    const prefix = severity === "error" || severity === "warning" ? `${severity}: ` : "";
    this.#options.write(`${prefix}${message}${message.endsWith("\n") ? "" : "\n"}`);
  }

  #step(view: StepView): void {
    if (view.op === "refresh" || view.op === "import" || !this.#isShown(view)) return;
    this.#options.write(this.#header(view) + (view.op === "same" ? "" : this.#details(view)));
  }

  #finished(custom: boolean, view: StepView): void {
    const refreshing = this.#seen.get(view.urn)?.op === "refresh";
    if (!custom && !refreshing && view.op !== "delete") return;
    if (!this.#isShown(view)) return;
    if (view.op === "import" || (refreshing && view.op === "update")) {
      this.#options.write(this.#header(view) + this.#details(view));
      return;
    }
    this.#outputs(view, refreshing);
  }

  #outputs(view: StepView, refreshing = false): void {
    if (!this.#isShown(view)) return;
    const depth = this.#depthOf(view);
    const text = this.#outputText(view, depth + 1, refreshing);
    if (refreshing && (view.op !== "refresh" || text !== "" || isRootStack(view.urn))) {
      this.#options.write(this.#header(view));
    }
    if (text !== "") this.#options.write(`${indent(depth + 1)}--outputs:--\n${text}`);
  }

  #isShown(view: StepView): boolean {
    if (isRootStack(view.urn)) return true;
    if (view.op === "same") return view.old?.protect !== view.new?.protect && view.old !== undefined;
    return view.logical || !partsOfReplacement.includes(view.op);
  }

  #header(view: StepView): string {
    const depth = this.#depthOf(view);
    const { old, new: next, op } = view;
    const lock = old?.protect === true && next !== undefined && !next.protect ? " 🔓" : "";
    const locked = lock === "" && (next?.protect === true || old?.protect === true) ? " 🔒" : lock;
    const retained = old?.retainOnDelete === true && (op === "delete" || op === "replace") ? "[retain]" : "";
    const lines = [`${indent(depth)}${signs[op]}${view.type}: (${op}${retained})${locked}`];
    const id = op === "import" ? next?.id : old?.id;
    if (id !== undefined && id !== "") lines.push(`${indent(depth + 1)}[id=${id}]`);
    lines.push(`${indent(depth + 1)}[urn=${view.urn}]`);
    const [before, provider] = [old?.provider ?? "", next?.provider ?? old?.provider ?? ""];
    if (op === "replace" && before !== provider) {
      const shown = provider.replace(unknownMarker, "[unknown]");
      lines.push(`${indent(depth + 1)}[provider: ${before} => ${shown}]`);
    } else if (provider !== "" && nameOf(urnOfProvider(provider)) !== "default") {
      lines.push(`${indent(depth + 1)}[provider=${provider}]`);
    }
    return lines.map((line) => `${line}\n`).join("");
  }

  #details(view: StepView): string {
    const style = { depth: this.#depthOf(view) + 1, planning: this.#options.dryRun };
    const { old, new: next, changedKeys } = view;
    if (next === undefined) return old === undefined ? "" : printMap(old.inputs, style);
    if (view.op === "import") return printMap(next.inputs, style);
    if (old === undefined) return printMap(hasAny(next.outputs) ? next.outputs : next.inputs, style);
    if (changedKeys !== undefined && view.op !== "same") {
      const changed = (inputs: PropertyMap) =>
        Object.fromEntries(Object.entries(inputs).filter(([key]) => changedKeys.includes(key)));
      const diff = difference(changed(old.inputs), changed(next.inputs), isInternalKey);
      if (diff !== undefined) return printDifference(diff, { ...style, changesOnly: true });
    }
    return hasAny(next.outputs)
      ? printChange(old.outputs ?? {}, next.outputs, style)
      : printChange(old.inputs, next.inputs, style);
  }

  #outputText(view: StepView, depth: number, refreshing: boolean): string {
    const root = isRootStack(view.urn);
    const planning = this.#options.dryRun;
    const showSames = root && !planning;
    if (planning && !refreshing && !root && view.op !== "read" && view.op !== "import") return "";
    const { old, new: next } = view;
    if (old !== undefined && old.initErrors.length > 0) return "";
    const outs = next?.outputs ?? {};
    const ins = next?.outputs === undefined ? {} : next.inputs;
    let diff: Difference | undefined;
    if (old !== undefined) {
      diff = difference(old.outputs ?? {}, outs, isInternalKey);
      if (diff !== undefined && planning && root) diff = withoutUnknownUpdates(diff);
      if (diff === undefined && !showSames) return "";
    }
    const keys = diff === undefined ? Object.keys(outs).sort() : keysOf(diff);
    const width = widest(keys);
    const style = { depth, planning };
    const lines = keys.map((key) => {
      const value = outs[key];
      if (diff === undefined && (isInternalKey(key) || value === undefined || !isWorthShowing(value))) return "";
      if (!refreshing && key in ins && equal(ins[key], value)) return "";
      if (diff === undefined) return printProperty(key, value ?? null, width, style, "  ");
      if (!showSames && diff.sames.has(key)) return "";
      return printDifferenceOf(key, diff, width, style);
    });
    return lines.join("");
  }

  /** The number of displayed ancestors of a resource. */
  #depthOf(view: StepView): number {
    let depth = 0;
    let parent = view.new?.parent ?? view.old?.parent ?? "";
    while (parent !== "") {
      const above = this.#seen.get(parent);
      if (above === undefined) break;
      if (isRootStack(parent) || this.#isShown(above)) depth++;
      parent = above.new?.parent ?? above.old?.parent ?? "";
    }
    return depth;
  }
}

/** Operations that are not displayed, because the replacement is. */
const partsOfReplacement: readonly Op[] = [
  "replace",
  "create-replacement",
  "delete-replaced",
  "read-replacement",
  "discard-replaced",
];

/** In a preview, unknown outputs of the stack count as unchanged. */
function withoutUnknownUpdates(diff: Difference): Difference | undefined {
  const updates = new Map([...diff.updates].filter(([, update]) => !(update.new instanceof Unknown)));
  if (diff.adds.size + diff.deletes.size + updates.size === 0) return undefined;
  return { ...diff, updates };
}

function hasAny(map: PropertyMap | undefined): map is PropertyMap {
  return map !== undefined && Object.keys(map).length > 0;
}
