/** Every route of the service, typed by the generated `paths`: what `Memcubed` stands on. */

import { MemcubedError } from "./errors.js";
import type { CallInput, CallOutput, ItemOf, Method, PathOf } from "./operations.js";
import { type Page, Pages } from "./pages.js";
import { type Call, type CallOptions, type OpenResponse, Transport, fillPath } from "./transport.js";
import { VERSION } from "./version.js";

/** What a client is made of. All but the key has a default. */
export interface MemcubedOptions {
  /** Address of the service; else `MEMCUBED_URL`, else http://127.0.0.1:8000. */
  url?: string | URL | undefined;
  /** The key, `mc_…`; else `MEMCUBED_API_KEY`. */
  key?: string | undefined;
  /** The user that is meant where a method is given none. */
  userId?: string | undefined;
  /** Seconds for an attempt (30). */
  timeout?: number | undefined;
  /** More attempts after the first one (3). */
  maxRetries?: number | undefined;
  /** A longer `Retry-After`, in seconds, is not waited for (30). */
  maxRetryWait?: number | undefined;
  /** Another `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** Options of a write that makes its own Idempotency-Key. */
export interface WriteOptions extends CallOptions {
  idempotencyKey?: string | undefined;
}

const READING_POSTS = new Set(["/v1/search", "/v1/search/batch", "/v1/context"]);

export class LowLevel {
  protected readonly transport: Transport;
  protected readonly timeout: number;
  /** The user that is meant where a method is given none. */
  readonly userId: string | undefined;

  constructor(from: MemcubedOptions | { transport: Transport; timeout: number; userId: string }) {
    this.userId = from.userId;
    if ("transport" in from) {
      this.transport = from.transport;
      this.timeout = from.timeout;
      return;
    }
    const url = new URL(from.url ?? readEnvironment("MEMCUBED_URL") ?? "http://127.0.0.1:8000");
    const key = from.key ?? readEnvironment("MEMCUBED_API_KEY");
    if (!key) throw new TypeError("No key: give `key`, or set MEMCUBED_API_KEY");
    if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError("The key has characters that no key has");
    if (!/^https?:$/.test(url.protocol)) throw new TypeError("The URL must begin with http:// or https://");
    if (url.username || url.search || url.hash) throw new TypeError("The URL may have a host, a port and a path only");
    this.timeout = requirePositive("timeout", from.timeout ?? 30);
    this.transport = new Transport({
      url: url.href.replace(/\/+$/, ""),
      key,
      timeout: this.timeout,
      maxRetries: from.maxRetries ?? 3,
      maxRetryWait: from.maxRetryWait ?? 30,
      fetch: from.fetch ?? fetch,
    });
  }

  /**
   * Call any route: `request("GET", "/v1/memories/{memory_id}", { path: { memory_id } })`.
   * A write is repeated after a lost answer only with an `Idempotency-Key` among the headers.
   */
  async request<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    input: CallInput<M, P>,
    options: CallOptions & { isGoneDone?: boolean; isRepeatable?: boolean } = {},
  ): Promise<CallOutput<M, P>> {
    return (await this.transport.json(this.prepare(method, path, input, options))) as CallOutput<M, P>;
  }

  protected prepare(
    method: Method,
    path: string,
    input: { path?: object | undefined; query?: object | undefined; body?: unknown },
    options: CallOptions & { isGoneDone?: boolean; isRepeatable?: boolean } = {},
  ): Call {
    const headers: Record<string, string> = { ...agentHeader(), ...options.headers };
    if (input.body !== undefined) headers["Content-Type"] = "application/json";
    const isKeyed = Object.keys(headers).some((name) => name.toLowerCase() === "idempotency-key");
    return {
      method,
      path: fillPath(path, input.path as Record<string, unknown> | undefined),
      query: input.query,
      body: input.body === undefined ? undefined : JSON.stringify(input.body),
      headers,
      isRepeatable: options.isRepeatable ?? (isKeyed || isHarmless(method, path)),
      isGoneDone: options.isGoneDone ?? false,
      options: { ...options, headers: undefined },
    };
  }

  protected open(call: Call): Promise<OpenResponse> {
    return this.transport.stream(call);
  }

  protected list<P extends PathOf<"GET">>(
    path: P,
    query: object,
    options: CallOptions | undefined,
    places: object = {},
  ): Pages<ItemOf<P>> {
    return new Pages(async (cursor) => {
      const call = this.prepare("GET", path, { path: places, query: { ...query, cursor } }, options);
      return (await this.transport.json(call)) as Page<ItemOf<P>>;
    });
  }

  /** The given user, else that of the client. */
  protected userOf(given: string | undefined): string {
    const userId = given ?? this.userId;
    if (userId === undefined) throw new MemcubedError("No user: give `user_id`, or bind the client with user()");
    return userId;
  }
}

function isHarmless(method: Method, path: string): boolean {
  return method === "GET" || method === "PUT" || method === "DELETE" || READING_POSTS.has(path);
}

function requirePositive(name: string, value: number): number {
  if (!(value > 0)) throw new TypeError(`${name} must be more than 0`);
  return value;
}

interface Process {
  env?: Record<string, string | undefined>;
  versions?: { node?: string };
}

function readProcess(): Process | undefined {
  return (globalThis as { process?: Process }).process;
}

function readEnvironment(name: string): string | undefined {
  return readProcess()?.env?.[name] || undefined;
}

/** Browsers name themselves, and some would ask the service whether another name is allowed. */
function agentHeader(): Record<string, string> {
  return readProcess()?.versions?.node === undefined ? {} : { "User-Agent": `memcubed-js/${VERSION}` };
}
