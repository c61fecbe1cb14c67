import tseslint from "typescript-eslint";
import commentLength from "./scripts/lint/comment-length.cjs";
import importRules from "./scripts/lint/import-rules.cjs";

const noPrivateKeyword = ["PropertyDefinition", "TSParameterProperty", "MethodDefinition[kind!='constructor']"].map(
  (node) => ({ selector: `${node}[accessibility='private']`, message: "Use a #private name." }),
);

export default tseslint.config(
  { ignores: ["dist/", ".cache/", "**/node_modules/", "src/testing/simulator/gen/", "src/hosts/native/gen/"] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({
    ...config,
    files: ["**/*.ts", "**/*.mts", "**/*.cts"],
  })),
  {
    files: ["**/*.ts", "**/*.mts", "**/*.cts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      // An async function without await still turns a throw into a rejection.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // Names a type that derives from a property table.
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
    },
  },
  {
    // The SDK sets the outputs, which an interface declares.
    files: ["src/*/resource.ts"],
    rules: { "@typescript-eslint/no-unsafe-declaration-merging": "off" },
  },
  {
    files: ["src/**/*.ts", "src/**/*.cts"],
    plugins: { local: { rules: { imports: importRules.rule, "comment-length": commentLength.rule } } },
    rules: {
      "local/imports": "error",
      "local/comment-length": "error",
      "no-restricted-syntax": ["error", ...noPrivateKeyword],
    },
  },
);
