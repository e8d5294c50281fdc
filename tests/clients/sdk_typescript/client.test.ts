// Every method of the client against the running service.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import {
  APIError,
  AuthenticationError,
  ConflictError,
  InvalidRequestError,
  type Memory,
  Memcubed,
  MemcubedError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
  type SessionState,
  WaitTimeoutError,
} from "memcubed";

const memcubed = new Memcubed({});
const newUser = () => memcubed.user(`ts-${randomUUID()}`);

async function remember(...contents: string[]) {
  const user = newUser();
  const memories: Memory[] = [];
  for (const content of contents) memories.push(await user.addMemory(content));
  return { user, memories, first: memories[0]! };
}

describe("turns", () => {
  test("a text is what the user said; the job ends and is found", async () => {
    const user = newUser();
    const added = await user.add("My cat is called Mimi and she likes tuna.", { session_id: "monday" });
    assert.equal(added.turn_ids.length, 1);
    const seen: string[] = [];
    const job = await user.wait(added, { onProgress: ({ status }) => seen.push(status) });
    assert.equal(job.status, "succeeded");
    assert.equal(seen.at(-1), "succeeded");
    const { items } = await user.search("What does the cat like?", { k: 3 });
    assert.match(items[0]!.content, /tuna/);
    const context = await user.context("What does the cat like?", { max_tokens: 200 });
    assert.match(context.text, /tuna/);
    const turns = await user.turns().toArray();
    assert.deepEqual(turns.map((turn) => [turn.role, turn.session_id, turn.id]), [["user", "monday", added.turn_ids[0]]]);
  });

  test("one turn, many turns, and the same key again", async () => {
    const user = newUser();
    const one = await user.add({ role: "user", content: "Hello.", ref: "a" }, { session_id: "s" });
    assert.equal((await user.add({ role: "user", content: "Hello.", ref: "a" }, { session_id: "s" })).duplicates, 1);
    const many = [{ role: "user", content: "I sing." }, { role: "assistant", content: "Good." }] as const;
    const key = { idempotencyKey: randomUUID() };
    const first = await user.add([...many], { session_id: "s" }, key);
    assert.deepEqual(await user.add([...many], { session_id: "s" }, key), first);
    assert.notDeepEqual((await user.add([...many], { session_id: "s" })).turn_ids, first.turn_ids);
    await assert.rejects(user.add("Other.", { session_id: "s" }, key), ConflictError);
    await user.deleteTurn(one.turn_ids[0]!);
    await assert.rejects(user.deleteTurn(one.turn_ids[0]!), NotFoundError);
    assert.equal((await user.turns().toArray()).length, 4);
  });

  test("a search waits for a job, longer than its own time-out if need be", async () => {
    const user = newUser();
    const { job_id } = await user.add("I play the cello.", { session_id: "s" });
    const found = await user.search("instrument", { wait_for: job_id, wait_seconds: 20 }, { timeout: 2 });
    assert.equal(found.waited, true);
    assert.match(found.items[0]!.content, /cello/);
  });

  test("waiting ends", async () => {
    const user = newUser();
    const added = await user.add("I play the cello.", { session_id: "s" });
    await assert.rejects(user.wait(added, { timeout: 0 }), (error) => {
      assert(error instanceof WaitTimeoutError && error.jobId === added.job_id);
      return true;
    });
    await assert.rejects(user.wait(randomUUID()), NotFoundError);
  });
});

describe("store", () => {
  const place = { namespace: ["recipes"], key: "soup" };

  test("operations are done in their order", async () => {
    const user = newUser();
    const value = { n: 1, "ø": null };
    const [read, written, found, listed] = await user.store([
      { op: "get", ...place },
      { op: "put", ...place, value, texts: [{ path: "t", text: "Soup" }] },
      { op: "search", namespace_prefix: [], query: "broth" },
      { op: "list_namespaces" },
    ]);
    assert.deepEqual([read!.item, written!.item], [null, null]);
    assert.deepEqual(found!.items!.map((item) => [item.key, item.value]), [["soup", value]]);
    assert(found!.items![0]!.score! > 0);
    assert.deepEqual(listed!.namespaces, [["recipes"]]);
    const [, again] = await user.store([{ op: "delete", ...place }, { op: "get", ...place }]);
    assert.equal(again!.item, null);
  });

  test("belongs to the user", async () => {
    const [ann, bob] = [newUser(), newUser()];
    await ann.store([{ op: "put", ...place, value: {} }]);
    const get = [{ op: "get", ...place }] as const;
    assert.equal((await bob.store(get))[0]!.item, null);
    assert.deepEqual((await bob.store(get, { user_id: ann.userId }))[0]!.item?.value, {});
    await assert.rejects(memcubed.store(get), /No user/);
  });

  test("too many and none are refused", async () => {
    for (const operations of [Array.from({ length: 201 }, () => ({ op: "get", ...place }) as const), []])
      await assert.rejects(newUser().store(operations), (error) => {
        assert(error instanceof InvalidRequestError && error.errors[0]!.field === "operations");
        return true;
      });
  });
});

describe("memories", () => {
  test("an iterator goes over all pages, and stops where the reader leaves", async () => {
    const { user, memories } = await remember(...Array.from({ length: 7 }, (_, n) => `Fact number ${n} of the list.`));
    const ids: string[] = [];
    for await (const memory of user.memories({ limit: 2 })) ids.push(memory.id);
    assert.deepEqual(ids.toSorted(), memories.map(({ id }) => id).toSorted());
    assert.equal((await user.memories({ limit: 2 }).toArray(3)).length, 3);
    assert.deepEqual(await user.memories().toArray(0), []);
    const sizes: number[] = [];
    for await (const page of user.memories({ limit: 3, include_total: true }).pages()) {
      assert.equal(page.total, 7);
      sizes.push(page.items.length);
    }
    assert.deepEqual(sizes, [3, 3, 1]);
    assert.deepEqual(await newUser().memories().toArray(), []);
  });

  test("filters of lists: several values, and JSON", async () => {
    const user = newUser();
    await user.addMemory("Runs on Mondays.", { tags: ["sport", "run"], metadata: { level: 2 } });
    await user.addMemory("Swims.", { tags: ["sport"], kind: "preference" });
    assert.equal((await user.memories({ tags: ["sport", "run"] }).toArray()).length, 1);
    assert.equal((await user.memories({ kinds: ["fact", "preference"] }).toArray()).length, 2);
    assert.equal((await user.memories({ metadata: JSON.stringify({ field: "level", op: "gt", value: 1 }) }).toArray()).length, 1);
  });

  test("get, history, sources, update, delete", async () => {
    const { user, first } = await remember("Lives in Bergen.");
    const before = (await user.get(first.id)).recorded_at;
    const written = await user.update(first.id, { content: "Lives in Oslo.", reason: "moved" });
    assert.deepEqual([written.content, written.version], ["Lives in Oslo.", 2]);
    const again = await user.update(first.id, (memory) => ({ tags: [...(memory.tags ?? []), "home"] }));
    assert.deepEqual([again.tags, again.version], [["home"], 3]);
    assert.equal((await user.update(first.id, () => null)).version, 3);
    assert.equal((await user.update(first.id, async () => undefined)).version, 3);
    assert.equal((await user.history(first.id)).items.length, 3);
    assert.equal((await user.get(first.id, { known_at: before })).content, "Lives in Bergen.");
    assert((await user.sources(first.id)).items.length >= 1);
    assert.equal(await user.delete(first.id), undefined);
    await assert.rejects(user.get(first.id), NotFoundError);
  });

  test("updates at the same time are all there in the end", async () => {
    const { user, first } = await remember("Has friends.");
    const names = ["Ann", "Bo", "Cy", "Di"];
    await Promise.all(names.map((name) => user.update(first.id, ({ tags }) => ({ tags: [...(tags ?? []), name] }))));
    const { tags, version } = await user.get(first.id);
    assert.deepEqual([tags?.toSorted(), version], [names, 5]);
  });

  test("an update that always loses gives up", { timeout: 60_000 }, async () => {
    const { user, first } = await remember("Is contested.");
    let asked = 0;
    const change = user.update(first.id, async ({ version }) => {
      asked += 1;
      await user.update(first.id, { importance: 0.1 + version / 100 });
      return { importance: 0.9 };
    });
    await assert.rejects(change, (error) => error instanceof PreconditionFailedError && error instanceof ConflictError);
    assert.equal(asked, 10);
  });

  test("what the function throws is thrown", async () => {
    const { user, first } = await remember("Stays.");
    await assert.rejects(user.update(first.id, () => { throw new RangeError("mine"); }), RangeError);
    assert.equal((await user.get(first.id)).version, 1);
  });

  test("freeze, pin, archive and their opposites", async () => {
    const { user, first } = await remember("Is handled.");
    assert.equal((await user.freeze(first.id, "case 7")).frozen, true);
    await assert.rejects(user.update(first.id, { content: "Other." }), ConflictError);
    assert.equal((await user.unfreeze(first.id)).frozen, false);
    assert.equal((await user.pin(first.id)).pinned, true);
    assert.equal((await user.unpin(first.id)).pinned, false);
    assert.equal((await user.archive(first.id, "old")).status, "archived");
    assert.equal((await user.restore(first.id)).status, "activated");
    assert.equal((await user.history(first.id)).items.find(({ op }) => op === "freeze")?.reason, "case 7");
  });

  test("forget says what is due", async () => {
    const { user } = await remember("Fades.");
    assert.deepEqual((await user.forget()).items, []);
    const due = await user.forget({ reference_time: "2060-01-01T00:00:00Z" });
    assert.equal(due.items[0]?.action, "archive");
    const job = await user.forget({ dry_run: false });
    await user.wait(job.job_id!);
  });

  test("feedback", async () => {
    const { user, first } = await remember("Likes tea.");
    const { retrieval_id } = await user.search("tea");
    assert.deepEqual((await user.feedback(retrieval_id!, [first.id])).cited_ids, [first.id]);
    await assert.rejects(user.feedback(randomUUID(), []), NotFoundError);
  });
});

describe("sessions", () => {
  test("the state of a session", async () => {
    const user = newUser();
    assert.equal(await user.state("s"), undefined);
    assert.equal((await user.updateState("s", { data: { n: 0 } }))?.version, 1);
    const goals = [{ text: "Book a flight" }];
    assert.deepEqual((await user.updateState("s", { goals }))?.state.data, { n: 0 }, "other fields stay");
    const count = ({ data }: SessionState["state"]) => ({ data: { n: (data?.["n"] as number) + 1 } });
    await Promise.all([1, 2, 3, 4].map(() => user.updateState("s", count)));
    assert.deepEqual((await user.state("s"))?.state.data, { n: 4 });
    const last = await user.updateState("s", () => undefined);
    assert.deepEqual([last?.version, last?.state.goals?.[0]?.text], [6, "Book a flight"]);
    assert.equal(await user.updateState("other", () => undefined), undefined);
  });

  test("users, sessions, and the end of one", async () => {
    const user = newUser();
    await user.wait(await user.add("I row.", { session_id: "a/b" }));
    await user.wait(await user.add("I ski.", { session_id: "later" }));
    const users = await memcubed.users({ prefix: user.userId!, limit: 1 }).toArray();
    assert.deepEqual(users.map((one) => one.user_id), [user.userId]);
    assert.deepEqual((await user.sessions({ limit: 1 }).toArray()).map((one) => one.session_id), ["later", "a/b"]);
    assert.equal((await user.deleteSession("a/b")).session_id, "a/b");
    assert.deepEqual((await user.sessions().toArray()).map((one) => one.session_id), ["later"]);
    assert.deepEqual((await user.turns().toArray()).map((one) => one.content), ["I ski."]);
  });

  test("who the key is", async () => {
    const { tenant, scopes } = await memcubed.me();
    assert.deepEqual([typeof tenant, scopes.includes("admin")], ["string", true]);
  });

  test("summary and portrait are absent at first", async () => {
    const user = newUser();
    await assert.rejects(user.summary("s"), NotFoundError);
    await assert.rejects(user.portrait(), NotFoundError);
  });

  test("a summary of a session that is closed", { timeout: 60_000 }, async () => {
    const user = newUser();
    const turns = ["I live in Bergen.", "I work as a baker."].map((content) => ({ role: "user" as const, content }));
    await user.wait(await user.add(turns, { session_id: "a/b c", close_session: true }));
    for (let left = 100; left > 0; left -= 1) {
      try {
        assert((await user.summary("a/b c")).sources.length >= 2);
        return;
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    }
    assert.fail("no summary came");
  });
});

describe("artifacts", () => {
  test("text and JSON, versions, If-Match", async () => {
    const user = newUser();
    const path = "src/ä b/main+1%.py";
    assert.equal((await user.putArtifact(path, "print(1)")).version, 1);
    assert.equal((await user.putArtifact(path, "print(2)", { metadata: { by: "ts" }, if_match: 1 })).version, 2);
    await assert.rejects(user.putArtifact(path, "print(3)", { if_match: 1 }), PreconditionFailedError);
    await user.putArtifact("plan.json", { steps: ["a", { b: [1, null, true] }] });
    assert.equal((await user.getArtifact(path)).content, "print(2)");
    assert.equal((await user.getArtifact(path, { version: 1 })).content, "print(1)");
    assert.deepEqual((await user.getArtifact("plan.json")).content, { steps: ["a", { b: [1, null, true] }] });
    assert.deepEqual((await user.artifacts({ prefix: "src/", limit: 1 }).toArray()).map((one) => one.path), [path]);
    await user.deleteArtifact(path);
    await assert.rejects(user.getArtifact(path), NotFoundError);
    assert.equal((await user.putArtifact(path, "print(4)", { if_match: 0 })).version, 1);
  });
});

async function* pieces(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

describe("bundles and erasure", () => {
  test("out, erased, and in again in each form", async () => {
    const { user, first } = await remember("Grows tomatoes in Ålesund.");
    const chunks: Uint8Array[] = [];
    for await (const chunk of user.exportBundle({ embeddings: false })) chunks.push(chunk);
    const bundle = Buffer.concat(chunks).toString();
    assert.equal(JSON.parse(bundle.split("\n")[0]!).counts.memory, 1);
    const bytes = new TextEncoder().encode(bundle);
    for (const form of [bundle, bytes, new Blob([bundle]), pieces(bundle, 97), new Blob([bundle]).stream()]) {
      const receipt = await user.erase();
      assert.equal(receipt.user_id, user.userId);
      assert.deepEqual(await user.memories().toArray(), []);
      const imported = await memcubed.importBundle(form);
      assert.equal(imported.added["memory"], 1);
      assert.equal((await user.get(first.id)).content, "Grows tomatoes in Ålesund.");
    }
    await assert.rejects(memcubed.importBundle("{}\n"), InvalidRequestError);
  });

  test("leaving an export early is no error", async () => {
    const { user } = await remember("One.", "Two.");
    for await (const chunk of user.exportBundle()) {
      assert(chunk.length > 0);
      break;
    }
  });
});

describe("users and errors", () => {
  test("a user is needed, and the given one goes first", async () => {
    await assert.rejects(async () => memcubed.search("x"), MemcubedError);
    assert.throws(() => memcubed.memories(), MemcubedError);
    assert.throws(() => memcubed.user(""), TypeError);
    const { user } = await remember("Is mine.");
    const other = newUser();
    assert.equal((await other.memories({ user_id: user.userId }).toArray()).length, 1);
    assert.equal((await other.search("mine")).items.length, 0);
  });

  test("ids of all kinds are the same user everywhere", async () => {
    for (const id of ["a/b", "ä ö?&#%41", "日本", "a+b", "a b", "'\"<>", "x".repeat(200)]) {
      const user = memcubed.user(`${id}-${randomUUID()}`.slice(-200));
      const { id: memoryId } = await user.addMemory("Is here.");
      assert.deepEqual((await user.memories().toArray()).map((one) => one.id), [memoryId]);
      await assert.rejects(user.portrait(), (error) => error instanceof NotFoundError && !/route/i.test(error.detail));
      assert.equal((await user.erase()).user_id, user.userId);
    }
  });

  test("a path never leads to another route", async () => {
    for (const id of ["..", ".", "a/../b", "../admin/reembed", "", "..\\x"]) {
      await assert.rejects(memcubed.get(id), TypeError);
    }
  });

  test("an error says what is wrong", async () => {
    await assert.rejects(newUser().search("", {}), (error) => {
      assert(error instanceof InvalidRequestError && error instanceof APIError && error instanceof Error);
      assert.deepEqual([error.status, error.code, error.field, error.name], [422, "invalid_input", "query", "InvalidRequestError"]);
      assert.equal(error.errors[0]?.field, "query");
      assert.match(error.requestId ?? "", /^[0-9a-f]{32}$/);
      assert.match(error.message, /^422 invalid_input: .*query.* \(request [0-9a-f]{32}\)$/);
      return true;
    });
  });

  test("keys: a wrong one, and one that may not", async () => {
    await assert.rejects(new Memcubed({ key: "mc_wrong", userId: "x" }).search("x"), AuthenticationError);
    const created = await memcubed.request("POST", "/v1/keys", { body: { name: "reader", scopes: ["read"], user_id: "ts-reader" } });
    const reader = new Memcubed({ key: created.key, userId: "ts-reader" });
    assert.deepEqual(await reader.memories().toArray(), []);
    await assert.rejects(reader.add("Hello.", { session_id: "s" }), PermissionDeniedError);
    await assert.rejects(reader.memories({ user_id: "somebody" }).toArray(), PermissionDeniedError);
  });

  test("the low level has every route", async () => {
    const { user } = await remember("Is tagged.");
    const page = await memcubed.request("GET", "/v1/tags", { query: { user_id: user.userId! } });
    assert.deepEqual(page.items, []);
    const key = await memcubed.request("POST", "/v1/keys", { body: { name: "gone" } });
    assert.equal(await memcubed.request("DELETE", "/v1/keys/{key_id}", { path: { key_id: key.id } }), undefined);
  });

  test("an aborted call is rejected with the signal's reason", async () => {
    const { user } = await remember("Is slow.");
    const reason = new Error("enough");
    await assert.rejects(user.search("x", {}, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    const { job_id } = await user.add("Later.", { session_id: "s" });
    const controller = new AbortController();
    const waiting = user.search("x", { wait_for: job_id }, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
  });
});
