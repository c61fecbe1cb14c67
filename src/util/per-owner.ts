/** Makes a value once for each owner, on first use. The value lives as long as its owner. */
export function perOwner<Owner extends object, Rest extends readonly unknown[], T>(
  make: (owner: Owner, ...rest: Rest) => T,
): (owner: Owner, ...rest: Rest) => T {
  const values = new WeakMap<Owner, { readonly value: T }>();
  return (owner, ...rest) => {
    const entry = values.get(owner) ?? { value: make(owner, ...rest) };
    values.set(owner, entry);
    return entry.value;
  };
}
