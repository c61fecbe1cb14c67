/**
 * The entry point `pulumi-ona/testing`: a simulator of the Ona API, and an engine that runs Pulumi programs without the
 * CLI.
 */
declare global {
  // Declares for compilers without this lib what lets `await using` close stacks and simulators.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

export * from "./engine/index.js";
export * from "./simulator/index.js";
