/** The inputs of a resource, as its property table describes them. */
import type { Properties } from "./contract.js";
import { ResourceFailure } from "./failures.js";
import type { InputsOf, ManagedNameOf, PropertyRows, PropertyType, TableOf } from "./properties.js";

/**
 * Picks the inputs from properties that the check has passed.
 * @throws ResourceFailure when a required input is missing
 */
export function readInputs<Rows extends PropertyRows>(table: TableOf<Rows>, properties: Properties): InputsOf<Rows> {
  const inputs = table.inputs.flatMap(([name, { type, required }]) => {
    const value = properties[name];
    if (fits(value, type)) return [[name, value]];
    if (!required) return [];
    throw new ResourceFailure(
      `The inputs of this resource have no ${name}. Nothing was changed. Set ${name} in the program and run the command again.`,
    );
  });
  const { __timeouts: timeouts } = properties;
  const hidden = typeof timeouts === "object" && timeouts !== null ? { __timeouts: timeouts } : {};
  return { ...Object.fromEntries(inputs), ...hidden } as InputsOf<Rows>;
}

/** Those inputs that could be left to the API and are set. */
export function managedNames<Rows extends PropertyRows>(
  table: TableOf<Rows>,
  inputs: Properties,
): readonly ManagedNameOf<Rows>[] {
  return table.managedNames.filter((name) => inputs[name] !== undefined);
}

function fits(value: unknown, type: PropertyType): boolean {
  if (type === "any") return value !== undefined;
  if (typeof type === "object" && "oneOf" in type) return type.oneOf.some((allowed) => allowed === value);
  const isNumber = type === "count" || (typeof type === "object" && "integer" in type);
  return typeof value === (isNumber ? "number" : type === "boolean" ? "boolean" : "string");
}
