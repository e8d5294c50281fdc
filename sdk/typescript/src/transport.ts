/** HTTP: one call with its time-out, and the calls after it where another try does no harm. */

import { APIError, CallTimeoutError, ConnectionFailedError, NotFoundError, readApiError } from "./errors.js";

/** What every call takes beside its parameters. */
export interface CallOptions {
  /** Ends the call; it is then rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Seconds until an attempt is given up; of a stream: until its head, and between two pieces. */
  timeout?: number | undefined;
  /** How many more attempts are made where another one does no harm. */
  maxRetries?: number | undefined;
  headers?: Record<string, string> | undefined;
}

/** What is sent. `isRepeatable`: the call changes nothing, or nothing more when it comes twice. */
export interface Call {
  method: string;
  path: string;
  query?: object | undefined;
  body?: RequestInit["body"] | undefined;
  headers?: Record<string, string>;
  isRepeatable: boolean;
  /** After an attempt whose answer was lost, a 404 says that it was done. */
  isGoneDone?: boolean;
  options?: CallOptions | undefined;
}

export interface TransportSettings {
  url: string;
  key: string;
  timeout: number;
  maxRetries: number;
  maxRetryWait: number;
  fetch: typeof fetch;
}

const REFUSED_STATUSES = new Set([429, 503]);
const UNSENT_CODES = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);
const FIRST_WAIT_SECONDS = 0.25;
const LONGEST_BACKOFF_SECONDS = 8;

/** A response whose body is read under the time-out that `touch` starts anew and `end` stops. */
export interface OpenResponse {
  response: Response;
  touch: () => void;
  end: () => void;
  explain: (error: unknown) => unknown;
}

export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /** Send a call and read its JSON; `undefined` for an answer without a body. */
  async json(call: Call): Promise<unknown> {
    return this.#attempt(call, async (open) => {
      const text = await open.response.text();
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    });
  }

  /** Send a call whose answer is read piece by piece. The caller ends it. */
  async stream(call: Call): Promise<OpenResponse> {
    return this.#attempt(call, (open) => Promise.resolve(open), { isKeptOpen: true });
  }

  async #attempt<T>(
    call: Call,
    read: (open: OpenResponse) => Promise<T>,
    { isKeptOpen = false }: { isKeptOpen?: boolean } = {},
  ): Promise<T> {
    const maxRetries = call.options?.maxRetries ?? this.#settings.maxRetries;
    let isLost = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(call, read, isKeptOpen);
      } catch (error) {
        if (isLost && call.isGoneDone && error instanceof NotFoundError) return undefined as T;
        isLost ||= error instanceof ConnectionFailedError && !error.isUnsent;
        const seconds = secondsUntilRetry(error, call.isRepeatable, attempt);
        if (attempt >= maxRetries || seconds === undefined || seconds > this.#settings.maxRetryWait) throw error;
        await sleep(seconds, call.options?.signal);
      }
    }
  }

  async #once<T>(call: Call, read: (open: OpenResponse) => Promise<T>, isKeptOpen: boolean): Promise<T> {
    const limit = new Limit(call.options?.timeout ?? this.#settings.timeout, call.options?.signal);
    let isRead = false;
    try {
      const response = await this.#fetch(call, limit);
      if (!response.ok) throw await readApiError(response);
      const value = await read({
        response,
        touch: () => limit.touch(),
        end: () => limit.end(),
        explain: (error) => limit.explain(error),
      });
      isRead = true;
      return value;
    } catch (error) {
      throw limit.explain(error);
    } finally {
      if (!isKeptOpen || !isRead) limit.end();
    }
  }

  #fetch(call: Call, limit: Limit): Promise<Response> {
    const headers = new Headers({ Accept: "application/json", ...call.headers });
    for (const [name, value] of Object.entries(call.options?.headers ?? {})) headers.set(name, value);
    headers.set("Authorization", `Bearer ${this.#settings.key}`);
    const body = call.body === undefined ? {} : { body: call.body, duplex: "half" };
    return this.#settings.fetch.call(globalThis, buildUrl(this.#settings.url, call.path, call.query), {
      method: call.method,
      headers,
      signal: limit.signal,
      // A redirection would take the key to whatever address it names.
      redirect: "error",
      ...body,
    });
  }
}

/** The signal of one attempt: its own time-out and the caller's signal. */
class Limit {
  readonly #controller = new AbortController();
  readonly #seconds: number;
  readonly #outer: AbortSignal | undefined;
  readonly #forward = () => this.#controller.abort(this.#outer?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLate = false;

  constructor(seconds: number, outer: AbortSignal | undefined) {
    this.#seconds = seconds;
    this.#outer = outer;
    outer?.throwIfAborted();
    outer?.addEventListener("abort", this.#forward, { once: true });
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(): void {
    clearTimeout(this.#timer);
    if (!Number.isFinite(this.#seconds)) return;
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#controller.abort();
    }, this.#seconds * 1000);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#forward);
  }

  /** The error as the caller should see it. */
  explain(error: unknown): unknown {
    if (error instanceof APIError) return error;
    if (this.#outer?.aborted) return this.#outer.reason;
    if (this.#isLate) return new CallTimeoutError(`No answer within ${this.#seconds} s`, { cause: error });
    if (error instanceof SyntaxError) return new ConnectionFailedError("The answer is no JSON", { cause: error });
    if (!(error instanceof TypeError)) return error;
    const isUnsent = UNSENT_CODES.has(readCode(error.cause));
    const cause = error.cause instanceof Error ? `: ${error.cause.message || readCode(error.cause)}` : "";
    return new ConnectionFailedError(`${error.message}${cause}`, { cause: error, isUnsent });
  }
}

function readCode(cause: unknown): string {
  const { code } = Object(cause) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** How long to wait before the next attempt; undefined if there may be none. */
function secondsUntilRetry(error: unknown, isRepeatable: boolean, attempt: number): number | undefined {
  const backoff = Math.min(LONGEST_BACKOFF_SECONDS, FIRST_WAIT_SECONDS * 2 ** attempt);
  const jittered = backoff * (0.5 + Math.random() / 2);
  if (error instanceof APIError) {
    // These say that nothing was done, so that any call may come again.
    return REFUSED_STATUSES.has(error.status) ? (error.retryAfter ?? jittered) : undefined;
  }
  const mayRepeat = error instanceof ConnectionFailedError && (isRepeatable || error.isUnsent);
  return mayRepeat ? jittered : undefined;
}

/** Wait, or be rejected with the signal's reason. */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function buildUrl(base: string, path: string, query: object | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === undefined || one === null) continue;
      search.append(name, typeof one === "object" ? JSON.stringify(one) : String(one));
    }
  }
  const text = search.toString();
  return base + path + (text === "" ? "" : `?${text}`);
}

/** Put values into a path's template. */
export function fillPath(template: string, values: Record<string, unknown> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === null || value === "") throw new TypeError(`${name} is missing`);
    const text = String(value);
    // A URL resolves these away, and the call would go to another route.
    if (text.split(/[/\\]/).some((segment) => segment === "." || segment === "..")) {
      throw new TypeError(`${name}: a segment "." or ".." cannot stand in a path`);
    }
    return encodeURIComponent(text);
  });
}
