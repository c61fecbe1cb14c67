import type { Rule } from "eslint";

export const rule: Rule.RuleModule;
