// What the client does when answers fail, come late or not at all.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import {
  APIError,
  AuthenticationError,
  CallTimeoutError,
  ConflictError,
  ConnectionFailedError,
  InvalidRequestError,
  JobFailedError,
  Memcubed,
  MemcubedError,
  type MemcubedOptions,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
  RateLimitError,
  ServerError,
  type StoreOperation,
  UnavailableError,
  VERSION,
} from "memcubed";
import { FaultyServer, type Scripted, problem } from "./faulty_server.js";

const server = new FaultyServer();
before(async () => void (await server.start()));
after(() => server.stop());

const found = { json: { items: [], abstained: true } };
const added = { status: 202, json: { turn_ids: ["t"], job_id: "j", duplicates: 0 } };
const memory = (version: number, more: object = {}) => ({ json: { id: "m", content: "x", tags: [], version, ...more } });
const lost: Scripted = { drop: "at once" };
const busy: Scripted = { ...problem(429, "too_many_requests"), headers: { "Retry-After": "0" } };
const away: Scripted = { ...problem(503, "unavailable"), headers: { "Retry-After": "0" } };

// [what, call, answers, number of calls that are seen, class of the error]
type Call = (client: Memcubed) => Promise<unknown>;
const search: Call = (client) => client.search("x");
const add: Call = (client) => client.add("x", { session_id: "s" });
const pin: Call = (client) => client.pin("m");
const remove: Call = (client) => client.delete("m");
const erase: Call = (client) => client.erase();
const put: Call = (client) => client.putArtifact("a", "x");
const putAt: Call = (client) => client.putArtifact("a", "x", { if_match: 1 });
const keys: Call = (client) => client.request("POST", "/v1/keys", { body: { name: "n" } });
const answer: Call = (client) => client.answer("x");
const place = { namespace: ["n"], key: "k" };
const read = { op: "get", ...place } as const;
const written = { op: "put", ...place, value: {} } as const;
const removed = { op: "delete", ...place } as const;
const store = (...operations: StoreOperation[]): Call => (client) => client.store(operations);
const results = (count: number) => ({ json: { results: Array.from({ length: count }, () => ({ item: null })) } });
const cases: Array<[string, Call, Scripted[], number, (new (...all: never[]) => Error)?]> = [
  ["a read after 429", search, [busy, found], 2],
  ["a read after 503", search, [away, busy, away, found], 4],
  ["a read that is refused too often", search, [away, away, away, away, found], 4, UnavailableError],
  ["429 too often", search, [busy, busy, busy, busy], 4, RateLimitError],
  ["a keyed write after 429", add, [busy, added], 2],
  ["any write after 429: nothing was done", pin, [busy, memory(2)], 2],
  ["a write of the low level after 503", keys, [away, { status: 201, json: { id: "k" } }], 2],
  ["a read whose answer was lost", search, [lost, found], 2],
  ["a keyed write whose answer was lost", add, [lost, lost, added], 3],
  ["a write without a key whose answer was lost", pin, [lost, memory(2)], 1, ConnectionFailedError],
  ["a write of the low level whose answer was lost", keys, [lost, {}], 1, ConnectionFailedError],
  ["an answer costs a model's call", answer, [lost, {}], 1, ConnectionFailedError],
  ["a delete whose answer was lost", remove, [lost, { status: 204 }], 2],
  ["a delete that was done although its answer was lost", remove, [lost, problem(404, "not_found")], 2],
  ["a delete of what is not there", remove, [problem(404, "not_found")], 1, NotFoundError],
  ["a delete after a refusal of what is not there", remove, [busy, problem(404, "not_found")], 2, NotFoundError],
  ["an erasure whose answer was lost", erase, [lost, { json: { id: "e" } }], 2],
  ["a version that may come twice", put, [lost, { json: { version: 1 } }], 2],
  ["a version that follows another", putAt, [lost, {}], 1, ConnectionFailedError],
  ["writes of a store whose answer was lost", store(written, removed), [lost, results(2)], 2],
  ["reads of a store whose answer was lost", store(read, read), [lost, results(2)], 2],
  ["a write of a store before a read", store(written, read), [lost, results(2)], 2],
  ["a read of a store before a write", store(read, written), [lost, results(2)], 1, ConnectionFailedError],
  ["a read of a store between writes", store(removed, read, removed), [lost, results(3)], 1, ConnectionFailedError],
  ["a read and a write of a store after 429", store(read, written), [busy, results(2)], 2],
  ["too few results of a store", store(read, written), [results(1)], 1, MemcubedError],
  ["an answer cut in the middle", search, [{ ...found, drop: "half way", headers: { "Content-Length": "100" } }, found], 2],
  ["an answer that is no JSON", search, [{ text: "<html>" }, { text: "<html>" }, found], 3],
  ["400", search, [problem(400, "bad_request")], 1, InvalidRequestError],
  ["401", search, [problem(401, "unauthorized")], 1, AuthenticationError],
  ["403", search, [problem(403, "forbidden")], 1, PermissionDeniedError],
  ["404", search, [problem(404, "not_found")], 1, NotFoundError],
  ["409", search, [problem(409, "conflict")], 1, ConflictError],
  ["412", search, [problem(412, "precondition_failed")], 1, PreconditionFailedError],
  ["413", search, [problem(413, "too_large")], 1, InvalidRequestError],
  ["415", search, [problem(415, "unsupported_media_type")], 1, InvalidRequestError],
  ["422", search, [problem(422, "invalid_input")], 1, InvalidRequestError],
  ["428", search, [problem(428, "precondition_required")], 1, InvalidRequestError],
  ["500", search, [problem(500, "internal")], 1, ServerError],
  ["502", search, [problem(502, "upstream_failed")], 1, ServerError],
  ["a code that is new, of a known status", search, [problem(404, "brand_new")], 1, NotFoundError],
  ["a status that is new", search, [problem(418, "teapot")], 1, InvalidRequestError],
  ["a code that is no code", search, [problem(500, "constructor")], 1, ServerError],
  ["a proxy's page", search, [{ status: 504, text: "<h1>Gateway</h1>" }], 1, ServerError],
  ["a proxy's 503", search, [{ status: 503, text: "", headers: { "Retry-After": "0" } }, found], 2],
  ["an error whose body is not a problem", search, [{ status: 400, json: { code: 7 } }], 1, InvalidRequestError],
  ["a redirection, which would take the key elsewhere", pin, [{ status: 307, headers: { Location: "/other" } }], 1, ConnectionFailedError],
];

describe("retries", () => {
  for (const [what, call, script, calls, expected] of cases) {
    test(what, async () => {
      const client = server.client(script);
      if (expected === undefined) await call(client);
      else await assert.rejects(call(client), (error) => error instanceof expected);
      assert.equal(server.asked.length, calls);
      const keysSent = new Set(server.asked.map(({ headers }) => headers["idempotency-key"]));
      assert.equal(keysSent.size, 1, "all attempts have the same key");
      for (const { headers } of server.asked) assert.equal(headers.authorization, "Bearer mc_test");
    });
  }

  test("Retry-After is waited for, and not beyond the bound", async () => {
    const after = (value: string) => ({ ...busy, headers: { "Retry-After": value } });
    await server.client([after("1"), found]).search("x");
    assert(server.asked[1]!.at - server.asked[0]!.at >= 990);
    const inTwoSeconds = new Date(Date.now() + 2000).toUTCString();
    await server.client([after(inTwoSeconds), found]).search("x");
    assert(server.asked[1]!.at - server.asked[0]!.at >= 500);
    const started = Date.now();
    await assert.rejects(server.client([after("31"), found]).search("x"), (error) => {
      assert(error instanceof RateLimitError && error.retryAfter === 31);
      return true;
    });
    await assert.rejects(server.client([after("2"), found], { maxRetryWait: 1 }).search("x"), RateLimitError);
    assert(Date.now() - started < 900);
    await server.client([after("soon"), found]).search("x");
    assert(server.asked[1]!.at - server.asked[0]!.at < 900);
  });

  test("the pauses grow", async () => {
    const refused = problem(503, "unavailable");
    await server.client([refused, refused, refused, found]).search("x");
    const [a, b, c, d] = server.asked.map(({ at }) => at) as [number, number, number, number];
    assert(b - a >= 120 && c - b >= 240 && d - c >= 490, `${b - a}, ${c - b}, ${d - c}`);
  });

  test("none where none are wanted", async () => {
    await assert.rejects(server.client([busy, found], { maxRetries: 0 }).search("x"), RateLimitError);
    await assert.rejects(server.client([busy, found]).search("x", {}, { maxRetries: 0 }), RateLimitError);
  });

  test("nobody listens", async () => {
    const closed = new FaultyServer();
    const url = await closed.start();
    await closed.stop();
    const nobody = new Memcubed({ url, key: "mc_test", userId: "ann", maxRetries: 1 });
    await assert.rejects(nobody.pin("m"), (error) => {
      assert(error instanceof ConnectionFailedError && error.isUnsent);
      assert(!error.message.includes("mc_test"));
      return true;
    });
  });
});

describe("time-outs and signals", () => {
  test("an attempt has a time", async () => {
    const started = Date.now();
    await assert.rejects(server.client([{ ...found, delay: 2000 }], { timeout: 0.1, maxRetries: 0 }).search("x"), CallTimeoutError);
    assert(Date.now() - started < 1500);
    await server.client([{ ...found, delay: 400 }, found], { timeout: 0.2 }).search("x");
    assert.equal(server.asked.length, 2);
  });

  test("a body that does not end has it too", async () => {
    const slow = { pieces: ["{", " ", " ", " ", " ", " "], delay: 100 };
    await assert.rejects(server.client([slow], { timeout: 0.25, maxRetries: 0 }).search("x"), CallTimeoutError);
  });

  test("a stream has it between its pieces", async () => {
    const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    const pieces = [event("shown", { shown_ids: [], sub_questions: [] }), event("claim", { text: "a" }), event("answer", { answer: "a" })];
    const seen: string[] = [];
    for await (const { type } of server.client([{ pieces, delay: 150 }]).answerStream("x", {}, { timeout: 0.4 })) seen.push(type);
    assert.deepEqual(seen, ["shown", "claim", "answer"]);
    const stuck = server.client([{ pieces: [...pieces.slice(0, 2), ":\n", ":\n"], delay: 500 }]).answerStream("x", {}, { timeout: 0.2 });
    await assert.rejects(async () => { for await (const _ of stuck); }, CallTimeoutError);
  });

  test("a signal ends the wait before a retry", async () => {
    const refused = { ...busy, headers: { "Retry-After": "20" } };
    const started = Date.now();
    const call = server.client([refused, found]).search("x", {}, { signal: AbortSignal.timeout(150) });
    await assert.rejects(call, { name: "TimeoutError" });
    assert(Date.now() - started < 2000);
  });

  test("a signal that outlives many calls keeps no listeners", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...all: Parameters<typeof add>) => { listeners += 1; add(...all); };
    signal.removeEventListener = (...all: Parameters<typeof remove>) => { listeners -= 1; remove(...all); };
    const quiet = (input: string | URL | Request, { signal: _, ...init }: RequestInit = {}) => fetch(input, init);
    const client = server.client([found, busy, found, problem(404, "not_found")], { fetch: quiet as typeof fetch });
    await client.search("x", {}, { signal });
    await client.search("x", {}, { signal });
    await assert.rejects(client.search("x", {}, { signal }));
    assert.equal(listeners, 0);
  });
});

describe("events", () => {
  const whole = { answer: "Ä 😀", claims: [] };
  const text = `: hi\r\nevent: shown\r\ndata: {"shown_ids":[],\r\ndata: "sub_questions":[]}\r\n\r\nevent: other\ndata: 1\n\nevent: answer\ndata: ${JSON.stringify(whole)}\n\n`;

  test("are read however they are cut", async () => {
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 2, 3, 7, 1000]) {
      const body = new ReadableStream({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const client = server.client([], { fetch: () => Promise.resolve(new Response(body)) });
      const seen: unknown[] = [];
      for await (const event of client.answerStream("x")) seen.push(event);
      assert.deepEqual(seen, [{ type: "shown", data: { shown_ids: [], sub_questions: [] } }, { type: "answer", data: whole }]);
    }
  });

  const cut: Array<[string, string, new (...all: never[]) => Error]> = [
    ["an end before the answer", 'event: claim\ndata: {"text": "a"}\n\n', ConnectionFailedError],
    ["an end within an event", 'event: answer\ndata: {"answer": ', ConnectionFailedError],
    ["nothing", "", ConnectionFailedError],
    ["a problem", `event: error\ndata: ${JSON.stringify(problem(502, "upstream_failed").json)}\n\n`, ServerError],
    ["a problem of a status", `event: error\ndata: ${JSON.stringify(problem(404, "not_found").json)}\n\n`, NotFoundError],
    ["an error that is no problem", "event: error\ndata: oh\n\n", APIError],
  ];
  for (const [what, body, expected] of cut) {
    test(what, async () => {
      const stream = server.client([{ text: body }]).answerStream("x");
      await assert.rejects(async () => { for await (const _ of stream); }, (error) => error instanceof expected);
      assert.equal(server.asked[0]?.headers.accept, "text/event-stream");
    });
  }
});

describe("updates whose answer was lost", () => {
  test("that were written are not written again", async () => {
    const client = server.client([memory(1), lost, memory(2, { content: "y" })]);
    let asked = 0;
    const written = await client.update("m", () => { asked += 1; return { content: "y", reason: "why" }; });
    assert.deepEqual([written.version, asked], [2, 1]);
  });

  test("that were not written are", async () => {
    const client = server.client([memory(1), lost, memory(1), memory(2)]);
    assert.equal((await client.update("m", { content: "y" })).version, 2);
    assert.deepEqual(server.asked.map(({ headers }) => headers["if-match"]), [undefined, "1", undefined, "1"]);
  });

  test("somebody else's version is not taken for one's own", async () => {
    const client = server.client([memory(1), lost, memory(2, { content: "z" }), memory(3)]);
    assert.equal((await client.update("m", { content: "y" })).version, 3);
    assert.equal(server.asked[3]?.headers["if-match"], "2");
  });
});

test("a job that failed is an error that has the job", async () => {
  for (const status of ["failed", "dead"]) {
    const client = server.client([{ json: { status: "running" } }, { json: { status, error: "the model is away" } }]);
    await assert.rejects(client.wait("j"), (error) => {
      assert(error instanceof JobFailedError && (error.job as { status: string }).status === status);
      assert.match(error.message, /the model is away/);
      return true;
    });
  }
});

test("a URL may have a path, and a slash at its end", async () => {
  for (const end of ["", "/", "/behind", "/behind/"]) {
    const client = server.client([found], {});
    await new Memcubed({ url: server.url + end, key: "mc_test", userId: "ann" }).search("x");
    assert.equal(server.asked[0]?.url, `${end.replace(/\/$/, "")}/v1/search`);
    assert.equal(server.asked[0]?.headers["user-agent"], `memcubed-js/${VERSION}`);
    void client;
  }
});

test("a client is refused that could not work", () => {
  const wrong: MemcubedOptions[] = [
    { key: "" }, { key: "mc_\n" }, { key: "mc_ä" }, { key: "a b" }, { url: "nonsense" }, { url: "ftp://x" },
    { url: "http://u:p@x" }, { url: "http://x/?q" }, { url: "http://x/#f" }, { timeout: 0 }, { timeout: -1 }, { timeout: Number.NaN },
  ];
  for (const options of wrong) {
    assert.throws(() => new Memcubed({ url: "http://x", key: "mc_test", ...options }), TypeError, JSON.stringify(options));
  }
});

test("the version is that of the package", () => {
  const file = new URL("./node_modules/memcubed/package.json", `file://${process.cwd()}/`);
  assert.equal(JSON.parse(readFileSync(file, "utf8")).version, VERSION);
});
