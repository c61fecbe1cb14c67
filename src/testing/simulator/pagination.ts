/** Pages of lists, with opaque tokens that belong to one filter and survive changes between two pages. */
import { create, type Message } from "@bufbuild/protobuf";
import { refusal } from "./connect-codes.js";
import {
  PaginationRequestSchema,
  PaginationResponseSchema,
  type PaginationRequest,
  type PaginationResponse,
} from "./gen/gitpod/v1/pagination_pb.js";
import { fingerprint } from "./ids.js";
import type { Unknowns } from "./unknowns.js";

const defaultPageSize = 25;

/** A list and how to divide it into pages. */
export interface Listing<T> {
  /** In the order of creation. */
  items: T[];
  /** An item's position in the order of creation, which never changes. */
  order: (item: T) => number;
  direction: Unknowns["listOrder"];
  /** The filter as a string. A token is valid only for the filter that it came from. */
  filter: string;
  pagination: PaginationRequest | undefined;
}

/** The requested page and the token of the next one. */
export function page<T>(listing: Listing<T>): { items: T[]; pagination: PaginationResponse } {
  const size = listing.pagination?.pageSize || defaultPageSize;
  const after = readToken(listing.pagination?.token ?? "", listing.filter);
  const forward = listing.direction === "oldestFirst";
  const ordered = forward ? listing.items : listing.items.toReversed();
  const isLater = (item: T) =>
    after === undefined || (forward ? listing.order(item) > after : listing.order(item) < after);
  const rest = ordered.filter(isLater);
  const items = rest.slice(0, size);
  const last = items.at(-1);
  const nextToken = rest.length > size && last !== undefined ? writeToken(listing.order(last), listing.filter) : "";
  return { items, pagination: create(PaginationResponseSchema, { nextToken }) };
}

/** Whether a message requests a page of a list. */
export function isPaged(message: Message): message is Message & { pagination?: PaginationRequest } {
  return message.$typeName.startsWith("gitpod.v1.List");
}

/**
 * The pagination of a request. Its query wins over its body: the client that uses the query leaves the body as it was
 * for the first page.
 * @throws `invalid_argument` if the page size is not a number
 */
export function withQuery(body: PaginationRequest | undefined, query: URLSearchParams): PaginationRequest {
  const pageSize = Number(query.get("pageSize") ?? body?.pageSize ?? 0);
  if (!Number.isInteger(pageSize)) throw refusal("invalid_argument", "pageSize is not a number");
  return create(PaginationRequestSchema, { pageSize, token: query.get("token") ?? body?.token ?? "" });
}

/** A token that requests the first page of any list, as a server that loses its position would return it. */
export const firstPageToken = Buffer.from("first").toString("base64url");

function writeToken(after: number, filter: string): string {
  return Buffer.from(`${after}:${fingerprint(filter)}`).toString("base64url");
}

function readToken(token: string, filter: string): number | undefined {
  if (token === "" || token === firstPageToken) return undefined;
  const match = /^(\d+):([0-9a-f]+)$/.exec(Buffer.from(token, "base64url").toString());
  if (match === null) throw refusal("invalid_argument", "the page token is invalid");
  if (match[2] !== fingerprint(filter)) throw refusal("invalid_argument", "the page token belongs to another filter");
  return Number(match[1]);
}
