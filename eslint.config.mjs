import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", ".cache/", "**/node_modules/", "src/testing/simulator/gen/"] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ["**/*.ts", "**/*.mts"] })),
  {
    files: ["**/*.ts", "**/*.mts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      // An async function without await still turns a throw into a rejection.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  // The walls between the rooms: data flows one way, no layer knows the one above it.
  {
    files: ["src/client/**/*.ts"],
    rules: wall(["@pulumi/*", "../warm-pool/*", "../prebuild/*", "../dynamic/*", "../testing/*", "../cli/*"]),
  },
  {
    files: [
      "src/warm-pool/lifecycle.ts",
      "src/warm-pool/inputs.ts",
      "src/prebuild/lifecycle.ts",
      "src/prebuild/inputs.ts",
      "src/prebuild/log*.ts",
    ],
    rules: wall(["@pulumi/*", "../dynamic/*", "../testing/*", "../cli/*"]),
  },
  {
    files: ["src/testing/simulator/**/*.ts"],
    rules: wall(["@pulumi/*", "**/client/*", "**/warm-pool/*", "**/prebuild/*", "**/dynamic/*", "**/engine/*"]),
  },
  {
    files: ["src/testing/engine/**/*.ts"],
    rules: wall(["**/client/*", "**/warm-pool/*", "**/prebuild/*", "**/dynamic/*", "**/simulator/*"]),
  },
);

/** The rule that keeps a room from importing the given modules. */
function wall(group) {
  return {
    "no-restricted-imports": ["error", { patterns: [{ group, message: "This room must not know that one." }] }],
  };
}
