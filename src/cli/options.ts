/** The option `--connection` of a command. */
import { InvalidArgumentError, Option } from "commander";
import { connectionName } from "../lifecycle/validation.js";

/** Makes the option. */
export function connectionOption(): Option {
  return new Option(
    "--connection <name>",
    "the account of this connection: ONA_<NAME>_API_KEY is its token, ONA_<NAME>_BASE_URL its address",
  ).argParser(connectionArgument);
}

/** The name that an option gives. */
export function connectionArgument(text: string): string {
  if ("refused" in connectionName()(text)) throw new InvalidArgumentError("it must be the name of a connection.");
  return text;
}
