// What the compiler must refuse; each line that it would accept is an error of this file.
import { test } from "node:test";
import type { Memcubed, Memory, SearchResult } from "memcubed";

async function refused(memcubed: Memcubed) {
  // @ts-expect-error: a session is needed
  await memcubed.add("Hello.", {});
  // @ts-expect-error: no such parameter
  await memcubed.search("x", { limit: 3 });
  // @ts-expect-error: a number
  await memcubed.search("x", { k: "3" });
  // @ts-expect-error: no such kind
  await memcubed.addMemory("x", { kind: "rumour" });
  // @ts-expect-error: no such role
  await memcubed.add({ role: "robot", content: "x" }, { session_id: "s" });
  // @ts-expect-error: no such field
  await memcubed.update("id", { colour: "red" });
  // @ts-expect-error: no such operation
  await memcubed.store([{ op: "rename", namespace: ["n"], key: "k" }]);
  // @ts-expect-error: the value is missing
  await memcubed.store([{ op: "put", namespace: ["n"], key: "k" }]);
  // @ts-expect-error: no such path
  await memcubed.request("GET", "/v1/nothing", {});
  // @ts-expect-error: no such method of this path
  await memcubed.request("PUT", "/v1/search", {});
  // @ts-expect-error: the path's value is missing
  await memcubed.request("GET", "/v1/memories/{memory_id}", {});
  // @ts-expect-error: the body is missing
  await memcubed.request("POST", "/v1/search", {});
  // @ts-expect-error: a text, not a number
  const n: number = (await memcubed.get("id")).content;
  // @ts-expect-error: the stream is no array
  const items: Memory[] = memcubed.memories();
  // @ts-expect-error: null is possible
  const id: string = ((await memcubed.search("x")) satisfies SearchResult).retrieval_id;
  return [n, items, id];
}

test("the types refuse what the service would", () => {
  void refused;
});
