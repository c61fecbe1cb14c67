// The page at /.
/** The page's text. */
export const page = "<!doctype html><title>Simulator</title>";
