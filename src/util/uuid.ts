/** The ids of objects at the API. */

/** Whether a string is a UUID, in lower or upper case. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

/** An id as the API has it: a UUID in lower case. Other text stays as it is. */
export function normalizeId(id: string): string {
  return isUuid(id) ? id.toLowerCase() : id;
}
