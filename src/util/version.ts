/** The version of this package, for the API's logs: the same as in package.json (a test compares them). */
export const packageVersion = "0.1.0";
