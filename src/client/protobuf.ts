/** Reads protobuf messages without their definitions. */

/** How long a message may be, in bytes. The details of an error are much shorter. */
const maxLength = 65_536;

/**
 * Returns the last value of each varint and length-delimited field, by number. Empty for a message that is longer than
 * 64 KiB, has groups (proto2), or is not well-formed.
 */
export function readFields(message: Uint8Array): ReadonlyMap<number, bigint | Uint8Array> {
  const fields = new Map<number, bigint | Uint8Array>();
  // Only a well-formed message is read exactly to its end.
  let at = message.length > maxLength ? Infinity : 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const byte = message[at++] ?? 0x80;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    at = Infinity;
    return value;
  };
  while (at < message.length) {
    const tag = readVarint();
    const number = Number(tag >> 3n);
    const type = Number(tag & 7n);
    if (type === 0) fields.set(number, BigInt.asIntN(64, readVarint()));
    else if (type === 1) at += 8;
    else if (type === 2) {
      const length = Number(readVarint());
      fields.set(number, message.subarray(at, (at += length)));
    } else if (type === 5) at += 4;
    else at = Infinity;
  }
  return at === message.length ? fields : new Map();
}
