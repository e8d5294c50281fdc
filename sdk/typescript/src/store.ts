/** Operations of a store: JSON objects under namespaces and keys. */

import type { BodyOf, CallOutput } from "./operations.js";

export type StoreOperation = BodyOf<"POST", "/v1/store">["operations"][number];
export type StoreResult = CallOutput<"POST", "/v1/store">["results"][number];

/**
 * Whether operations give the same when they are done twice. They do unless a read comes before a write:
 * the second time it could give what that write left.
 */
export function mayBeRepeated(operations: readonly StoreOperation[]): boolean {
  const firstRead = operations.findIndex((operation) => !isWrite(operation));
  return firstRead < 0 || !operations.slice(firstRead).some(isWrite);
}

function isWrite({ op }: StoreOperation): boolean {
  return op === "put" || op === "delete";
}
