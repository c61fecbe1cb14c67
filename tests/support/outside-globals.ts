/** The globals of the libraries that Node loads instead of jest (jest.config.js). Jest's fake timers don't reach them. */
export const outside = (globalThis as unknown as { readonly outside: { readonly globals: typeof globalThis } }).outside
  .globals;
