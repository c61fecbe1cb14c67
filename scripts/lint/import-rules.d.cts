import type { Rule } from "eslint";

/** The parts of src, and which file has which. */
export const parts: readonly { readonly name: string; readonly files: RegExp }[];
export const rule: Rule.RuleModule;
