/** Optimistic writes: read, change, write if nobody else was first, else begin again. */

import { ConnectionFailedError, NotFoundError, PreconditionFailedError } from "./errors.js";
import type { LowLevel } from "./low_level.js";
import type { BodyOf, CallOutput } from "./operations.js";
import { type CallOptions, sleep } from "./transport.js";

type Memory = CallOutput<"GET", "/v1/memories/{memory_id}">;
type SessionState = CallOutput<"GET", "/v1/sessions/{session_id}/state">;

export type MemoryFields = BodyOf<"PATCH", "/v1/memories/{memory_id}">;
type Nothing = null | undefined;
/** Fields, or a function that gives them; nothing = no write. */
export type MemoryChange = MemoryFields | ((memory: Memory) => MemoryFields | Nothing | Promise<MemoryFields | Nothing>);
export type StateFields = BodyOf<"PUT", "/v1/sessions/{session_id}/state">["state"];
export type StateChange =
  | StateFields
  | ((state: StateFields) => StateFields | Nothing | Promise<StateFields | Nothing>);

const MAX_ATTEMPTS = 10;
const FIRST_PAUSE_SECONDS = 0.02;
const LONGEST_PAUSE_SECONDS = 0.5;

export function writeMemory(
  client: LowLevel,
  memoryId: string,
  change: MemoryChange,
  options: CallOptions,
): Promise<Memory> {
  const path = { memory_id: memoryId };
  return writeOptimistically<Memory, MemoryFields>({
    read: () => client.request("GET", "/v1/memories/{memory_id}", { path }, options),
    change: async (memory) => (typeof change === "function" ? change(memory) : change),
    write: (memory, body) =>
      client.request("PATCH", "/v1/memories/{memory_id}", { path, body }, matching(memory.version, options)),
    versionOf: (memory) => memory.version,
    isWritten: ({ reason: _, ...fields }, memory) => saysAll(fields, memory),
    options,
  });
}

export function writeState(
  client: LowLevel,
  sessionId: string,
  userId: string,
  change: StateChange,
  options: CallOptions,
): Promise<SessionState | undefined> {
  const path = { session_id: sessionId };
  return writeOptimistically<SessionState | undefined, StateFields>({
    read: async () => {
      try {
        return await client.request(
          "GET", "/v1/sessions/{session_id}/state", { path, query: { user_id: userId } }, options,
        );
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },
    change: async (read) => (typeof change === "function" ? change(read?.state ?? {}) : change),
    write: (read, fields) => {
      const body = { user_id: userId, state: { ...read?.state, ...fields } };
      return client.request(
        "PUT", "/v1/sessions/{session_id}/state", { path, body }, matching(read?.version ?? 0, options),
      );
    },
    versionOf: (read) => read?.version ?? 0,
    isWritten: (state, read) => read !== undefined && saysAll(state, read.state),
    options,
  });
}

interface Steps<T, Fields> {
  read: () => Promise<T>;
  change: (read: T) => Promise<Fields | Nothing>;
  write: (read: T, fields: Fields) => Promise<T>;
  versionOf: (read: T) => number;
  isWritten: (fields: Fields, read: T) => boolean;
  options: CallOptions;
}

async function writeOptimistically<T, Fields>(steps: Steps<T, Fields>): Promise<T> {
  let read = await steps.read();
  for (let attempt = 1; ; attempt += 1) {
    const fields = await steps.change(read);
    if (fields === undefined || fields === null) return read;
    try {
      return await steps.write(read, fields);
    } catch (error) {
      const isLost = error instanceof ConnectionFailedError;
      if (!(isLost || error instanceof PreconditionFailedError) || attempt >= MAX_ATTEMPTS) throw error;
      const pause = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** attempt);
      await sleep(pause * (0.5 + Math.random() / 2), steps.options.signal);
      const before = steps.versionOf(read);
      read = await steps.read();
      // The write may have arrived although its answer did not.
      if (isLost && steps.versionOf(read) === before + 1 && steps.isWritten(fields, read)) return read;
    }
  }
}

function matching(version: number, options: CallOptions) {
  return { ...options, headers: { ...options.headers, "If-Match": String(version) }, isRepeatable: false };
}

/** Whether what was read says all that was written. */
function saysAll(written: object, read: object): boolean {
  const stored = read as Record<string, unknown>;
  return Object.entries(written).every(([name, value]) => value === undefined || isSame(value, stored[name]));
}

function isSame(written: unknown, stored: unknown): boolean {
  if (written === stored) return true;
  if (typeof written === "string" && typeof stored === "string") {
    const times = [Date.parse(written), Date.parse(stored)];
    return /^\d{4}-\d\d-\d\dT/.test(stored) && times[0] === times[1];
  }
  if (typeof written !== "object" || typeof stored !== "object" || written === null || stored === null) return false;
  if (Array.isArray(written) !== Array.isArray(stored)) return false;
  const [a, b] = [written as Record<string, unknown>, stored as Record<string, unknown>];
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}
