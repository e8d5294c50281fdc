/** The client: the methods that an app needs, on top of `request`. */

import { type Answer, type AnswerEvent, iterAnswerEvents } from "./answers.js";
import { MemcubedError, NotFoundError } from "./errors.js";
import { readChunks } from "./events.js";
import { LowLevel, type WriteOptions } from "./low_level.js";
import type { BodyOf, CallOutput, ForUser, ItemOf, Listing } from "./operations.js";
import type { Pages } from "./pages.js";
import { mayBeRepeated, type StoreOperation, type StoreResult } from "./store.js";
import type { CallOptions } from "./transport.js";
import { type MemoryChange, type StateChange, writeMemory, writeState } from "./updates.js";
import { type Job, type WaitOptions, waitForJob } from "./waiting.js";

export type Turn = BodyOf<"POST", "/v1/turns">["turns"][number];
export type AddParameters = ForUser<Omit<BodyOf<"POST", "/v1/turns">, "turns">>;
export type Added = CallOutput<"POST", "/v1/turns">;
export type MemoryParameters = ForUser<Omit<BodyOf<"POST", "/v1/memories">, "content">>;
export type Memory = CallOutput<"GET", "/v1/memories/{memory_id}">;
export type SearchParameters = ForUser<Omit<BodyOf<"POST", "/v1/search">, "query">>;
export type SearchResult = CallOutput<"POST", "/v1/search">;
export type ContextParameters = ForUser<Omit<BodyOf<"POST", "/v1/context">, "query">>;
export type Context = CallOutput<"POST", "/v1/context">;
export type AnswerParameters = ForUser<Omit<BodyOf<"POST", "/v1/answer">, "query" | "stream">>;
export type SessionState = CallOutput<"GET", "/v1/sessions/{session_id}/state">;
export type Derived = CallOutput<"GET", "/v1/users/{user_id}/portrait">;
export type Artifact = CallOutput<"GET", "/v1/artifacts/{path}">;
export type ArtifactParameters = ForUser<BodyOf<"PUT", "/v1/artifacts/{path}">>;
export type SessionReceipt = CallOutput<"DELETE", "/v1/sessions/{session_id}">;
export type Receipt = CallOutput<"DELETE", "/v1/users">;
export type Bundle = string | Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
/** A user other than the client's. */
export interface UserParameter {
  user_id?: string | undefined;
}

type MemoryAction = "freeze" | "unfreeze" | "pin" | "unpin" | "archive" | "restore";

/** Two calls of the model, each with the time that the service gives it. */
const ANSWER_SECONDS = 150;
const BUNDLE_SECONDS = 600;
/** The service embeds the texts of items before it answers. */
const STORE_SECONDS = 120;
/** How long the service waits where the call does not say. */
const DEFAULT_WAIT_SECONDS = 5;

/** A client of one service with one key. */
export class Memcubed extends LowLevel {
  /** The same client, bound to a user. */
  user(userId: string): Memcubed {
    if (userId === "") throw new TypeError("A user's id is not empty");
    return new Memcubed({ transport: this.transport, timeout: this.timeout, userId });
  }

  /** Write what was said. A text is the user's. The service reads it in a job: see `wait`. */
  add(turns: string | Turn | Turn[], parameters: AddParameters, options: WriteOptions = {}): Promise<Added> {
    const one = typeof turns === "string" ? { role: "user" as const, content: turns } : turns;
    const body = { ...parameters, user_id: this.userOf(parameters.user_id), turns: Array.isArray(one) ? one : [one] };
    return this.request("POST", "/v1/turns", { body }, keyed(options));
  }

  /** Write a memory that is ready-made. */
  addMemory(content: string, parameters: MemoryParameters = {}, options: WriteOptions = {}): Promise<Memory> {
    const body = { ...parameters, content, user_id: this.userOf(parameters.user_id) };
    return this.request("POST", "/v1/memories", { body }, keyed(options));
  }

  /** Wait until a job has ended well. `job`: its id, or what `add` gave. */
  wait(job: string | { job_id: string }, options: WaitOptions = {}): Promise<Job> {
    const jobId = typeof job === "string" ? job : job.job_id;
    const { timeout: _, onProgress: __, ...perCall } = options;
    const read = () => this.request("GET", "/v1/jobs/{job_id}", { path: { job_id: jobId } }, perCall);
    return waitForJob(jobId, read, options);
  }

  search(query: string, parameters: SearchParameters = {}, options: CallOptions = {}): Promise<SearchResult> {
    const body = { ...parameters, query, user_id: this.userOf(parameters.user_id) };
    return this.request("POST", "/v1/search", { body }, this.#waiting(body, options));
  }

  /** A text for a prompt, and the ids of what is in it. */
  context(query: string, parameters: ContextParameters = {}, options: CallOptions = {}): Promise<Context> {
    const body = { ...parameters, query, user_id: this.userOf(parameters.user_id) };
    return this.request("POST", "/v1/context", { body }, this.#waiting(body, options));
  }

  /** An answer from the memory, each claim with its citations. */
  answer(query: string, parameters: AnswerParameters = {}, options: CallOptions = {}): Promise<Answer> {
    const body = { ...parameters, query, user_id: this.userOf(parameters.user_id) };
    return this.request("POST", "/v1/answer", { body }, { timeout: ANSWER_SECONDS, ...options });
  }

  /** The same while the model writes. Only the event `answer` is final. Leaving the loop ends the model's call. */
  async *answerStream(
    query: string,
    parameters: AnswerParameters = {},
    options: CallOptions = {},
  ): AsyncGenerator<AnswerEvent, void, undefined> {
    const body = { ...parameters, query, user_id: this.userOf(parameters.user_id), stream: true };
    const call = this.prepare("POST", "/v1/answer", { body }, { timeout: ANSWER_SECONDS, ...options });
    yield* iterAnswerEvents(await this.open({ ...call, headers: { ...call.headers, Accept: "text/event-stream" } }));
  }

  /** Say which of the items of a search, context or answer were of use. */
  feedback(retrievalId: string, citedIds: string[], options: CallOptions = {}) {
    const input = { path: { retrieval_id: retrievalId }, body: { cited_ids: citedIds } };
    return this.request("POST", "/v1/retrievals/{retrieval_id}/feedback", input, options);
  }

  memories(filters: Listing<"GET", "/v1/memories"> = {}, options?: CallOptions): Pages<ItemOf<"/v1/memories">> {
    return this.list("/v1/memories", this.#forUser(filters), options);
  }

  turns(filters: Listing<"GET", "/v1/turns"> = {}, options?: CallOptions): Pages<ItemOf<"/v1/turns">> {
    return this.list("/v1/turns", this.#forUser(filters), options);
  }

  users(filters: Omit<Listing<"GET", "/v1/users">, "user_id"> = {}, options?: CallOptions): Pages<ItemOf<"/v1/users">> {
    return this.list("/v1/users", filters, options);
  }

  sessions(filters: Listing<"GET", "/v1/sessions"> = {}, options?: CallOptions): Pages<ItemOf<"/v1/sessions">> {
    return this.list("/v1/sessions", this.#forUser(filters), options);
  }

  artifacts(filters: Listing<"GET", "/v1/artifacts"> = {}, options?: CallOptions): Pages<ItemOf<"/v1/artifacts">> {
    return this.list("/v1/artifacts", this.#forUser(filters), options);
  }

  get(memoryId: string, moment: { as_of?: string; known_at?: string } = {}, options: CallOptions = {}): Promise<Memory> {
    return this.request("GET", "/v1/memories/{memory_id}", { path: { memory_id: memoryId }, query: moment }, options);
  }

  /** All versions of a memory, and the timeline of its slot. */
  history(memoryId: string, options: CallOptions = {}) {
    return this.request("GET", "/v1/memories/{memory_id}/history", { path: { memory_id: memoryId } }, options);
  }

  /** The turns that a memory rests on, with their quotes. */
  sources(memoryId: string, options: CallOptions = {}) {
    return this.request("GET", "/v1/memories/{memory_id}/sources", { path: { memory_id: memoryId } }, options);
  }

  /** Change a memory: fields, or a function of the memory that gives fields, asked again when somebody else was first. */
  update(memoryId: string, change: MemoryChange, options: CallOptions = {}): Promise<Memory> {
    return writeMemory(this, memoryId, change, options);
  }

  /** Take the text out of a memory and all its versions. */
  delete(memoryId: string, options: CallOptions = {}): Promise<undefined> {
    const input = { path: { memory_id: memoryId } };
    return this.request("DELETE", "/v1/memories/{memory_id}", input, { ...options, isGoneDone: true });
  }

  deleteTurn(turnId: string, options: CallOptions = {}): Promise<undefined> {
    const input = { path: { turn_id: turnId } };
    return this.request("DELETE", "/v1/turns/{turn_id}", input, { ...options, isGoneDone: true });
  }

  /** Erase a session's turns, and what is known from them alone. The receipt has zeros if it is not there. */
  deleteSession(sessionId: string, of: UserParameter = {}, options: CallOptions = {}): Promise<SessionReceipt> {
    const input = { path: { session_id: sessionId }, query: this.#forUser(of) };
    return this.request("DELETE", "/v1/sessions/{session_id}", input, { timeout: BUNDLE_SECONDS, ...options });
  }

  /** What fades or expires, and why; with `dry_run: false` it is done by a job. */
  forget(parameters: ForUser<BodyOf<"POST", "/v1/forget">> = {}, options: CallOptions = {}) {
    return this.request("POST", "/v1/forget", { body: this.#forUser(parameters) }, options);
  }

  /** A legal hold: no edit, no fading, no deletion until `unfreeze`. */
  freeze(memoryId: string, reason?: string, options: CallOptions = {}): Promise<Memory> {
    return this.#act("freeze", memoryId, reason, options);
  }

  unfreeze(memoryId: string, reason?: string, options: CallOptions = {}): Promise<Memory> {
    return this.#act("unfreeze", memoryId, reason, options);
  }

  pin(memoryId: string, reason?: string, options: CallOptions = {}): Promise<Memory> {
    return this.#act("pin", memoryId, reason, options);
  }

  unpin(memoryId: string, reason?: string, options: CallOptions = {}): Promise<Memory> {
    return this.#act("unpin", memoryId, reason, options);
  }

  archive(memoryId: string, reason?: string, options: CallOptions = {}): Promise<Memory> {
    return this.#act("archive", memoryId, reason, options);
  }

  restore(memoryId: string, reason?: string, options: CallOptions = {}): Promise<Memory> {
    return this.#act("restore", memoryId, reason, options);
  }

  /** The state of a session; undefined when there is none yet. */
  async state(sessionId: string, of: UserParameter = {}, options: CallOptions = {}): Promise<SessionState | undefined> {
    const input = { path: { session_id: sessionId }, query: { user_id: this.userOf(of.user_id) } };
    return absentIfNotFound(this.request("GET", "/v1/sessions/{session_id}/state", input, options));
  }

  /** Put fields of a session's state, or what a function of the state gives, asked again when somebody else was first. */
  updateState(
    sessionId: string,
    change: StateChange,
    of: UserParameter = {},
    options: CallOptions = {},
  ): Promise<SessionState | undefined> {
    return writeState(this, sessionId, this.userOf(of.user_id), change, options);
  }

  portrait(of: UserParameter = {}, options: CallOptions = {}): Promise<Derived> {
    const input = { path: { user_id: this.userOf(of.user_id) } };
    return this.request("GET", "/v1/users/{user_id}/portrait", input, options);
  }

  summary(sessionId: string, of: UserParameter = {}, options: CallOptions = {}): Promise<Derived> {
    const input = { path: { session_id: sessionId }, query: { user_id: this.userOf(of.user_id) } };
    return this.request("GET", "/v1/sessions/{session_id}/summary", input, options);
  }

  /** Write a version of a text or a JSON document. `if_match`: the version that it must follow. */
  putArtifact(
    path: string,
    content: ArtifactParameters["content"],
    parameters: Omit<ArtifactParameters, "content"> & { if_match?: number | undefined } = {},
    options: CallOptions = {},
  ) {
    const { if_match, ...rest } = parameters;
    const body = { ...this.#forUser(rest), ...(content === undefined ? {} : { content }) };
    const headers = { ...options.headers, ...(if_match === undefined ? {} : { "If-Match": String(if_match) }) };
    const isRepeatable = if_match === undefined;
    return this.request("PUT", "/v1/artifacts/{path}", { path: { path }, body }, { ...options, headers, isRepeatable });
  }

  getArtifact(path: string, of: UserParameter & { version?: number } = {}, options: CallOptions = {}): Promise<Artifact> {
    return this.request("GET", "/v1/artifacts/{path}", { path: { path }, query: this.#forUser(of) }, options);
  }

  deleteArtifact(path: string, of: UserParameter = {}, options: CallOptions = {}): Promise<undefined> {
    const input = { path: { path }, query: this.#forUser(of) };
    return this.request("DELETE", "/v1/artifacts/{path}", input, { ...options, isGoneDone: true });
  }

  /** Do up to 200 operations of the user's store, in their order and in one transaction. Gives one result for each. */
  async store(operations: readonly StoreOperation[], of: UserParameter = {}, options: CallOptions = {}): Promise<StoreResult[]> {
    const body = { user_id: this.userOf(of.user_id), operations: [...operations] };
    const isRepeatable = mayBeRepeated(operations);
    const { results } = await this.request("POST", "/v1/store", { body }, { timeout: STORE_SECONDS, ...options, isRepeatable });
    if (results.length !== operations.length) throw new MemcubedError("The answer has not one result for each operation");
    return results;
  }

  /** Everything of a user, as lines of JSON in pieces of bytes. */
  async *exportBundle(
    parameters: UserParameter & { embeddings?: boolean } = {},
    options: CallOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const query = this.#forUser(parameters);
    const call = this.prepare("GET", "/v1/users/export", { query }, { timeout: BUNDLE_SECONDS, ...options });
    yield* readChunks(await this.open(call));
  }

  /** Store a bundle for a user who has nothing yet. `user_id` gives the user another name. */
  async importBundle(bundle: Bundle, as: UserParameter = {}, options: CallOptions = {}): Promise<CallOutput<"POST", "/v1/import">> {
    const isStream = typeof bundle === "object" && (Symbol.asyncIterator in bundle || bundle instanceof ReadableStream);
    const isRepeatable = !isStream; // the same bundle again adds nothing
    const call = this.prepare("POST", "/v1/import", { query: as }, { timeout: BUNDLE_SECONDS, ...options, isRepeatable });
    const sent = {
      ...call,
      headers: { ...call.headers, "Content-Type": "application/x-ndjson" },
      body: isStream ? toStream(bundle) : bundle,
      // A stream that has begun cannot be sent again.
      ...(isStream ? { options: { ...call.options, maxRetries: 0 } } : {}),
    };
    return (await this.transport.json(sent)) as CallOutput<"POST", "/v1/import">;
  }

  /** The tenant, scopes, user and end of the key. */
  me(options: CallOptions = {}): Promise<CallOutput<"GET", "/v1/me">> {
    return this.request("GET", "/v1/me", {}, options);
  }

  /** Erase a person: all rows of the user, and what others have copied. The receipt says what remains until when. */
  erase(of: UserParameter = {}, options: CallOptions = {}): Promise<Receipt> {
    const input = { query: { user_id: this.userOf(of.user_id) } };
    return this.request("DELETE", "/v1/users", input, { timeout: BUNDLE_SECONDS, ...options });
  }

  #forUser<T extends UserParameter>(parameters: T): Omit<T, "user_id"> & { user_id: string } {
    return { ...parameters, user_id: this.userOf(parameters.user_id) };
  }

  #act(action: MemoryAction, memoryId: string, reason: string | undefined, options: CallOptions): Promise<Memory> {
    const body = reason === undefined ? {} : { body: { reason } };
    return this.request("POST", `/v1/memories/{memory_id}/${action}`, { path: { memory_id: memoryId }, ...body }, options);
  }

  /** A call that waits for a job has that time too. */
  #waiting(body: { wait_for?: string | null; wait_seconds?: number }, options: CallOptions): CallOptions {
    if (body.wait_for === undefined || body.wait_for === null) return options;
    return { ...options, timeout: (options.timeout ?? this.timeout) + (body.wait_seconds ?? DEFAULT_WAIT_SECONDS) };
  }
}

/** The options with an Idempotency-Key, the same in all attempts. */
function keyed({ idempotencyKey, ...options }: WriteOptions): CallOptions {
  return { ...options, headers: { ...options.headers, "Idempotency-Key": idempotencyKey ?? makeId() } };
}

/** Unlike any other. Node 18 has no global `crypto`, and a page that is not served by https no `randomUUID`. */
function makeId(): string {
  const bytes = new Uint8Array(16);
  const source = (globalThis as { crypto?: Crypto }).crypto;
  if (source === undefined) bytes.forEach((_, at) => (bytes[at] = Math.floor(Math.random() * 256)));
  else source.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function absentIfNotFound<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function toStream(pieces: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  if (pieces instanceof ReadableStream) return pieces;
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
