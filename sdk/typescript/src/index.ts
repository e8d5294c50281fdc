export type { Answer, AnswerEvent, Claim } from "./answers.js";
export * from "./client.js";
export {
  APIError,
  AuthenticationError,
  CallTimeoutError,
  ConflictError,
  ConnectionFailedError,
  InvalidRequestError,
  JobFailedError,
  MemcubedError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
  RateLimitError,
  ServerError,
  UnavailableError,
  WaitTimeoutError,
} from "./errors.js";
export type { MemcubedOptions, WriteOptions } from "./low_level.js";
export type { BodyOf, CallInput, CallOutput, ItemOf, Method, PathOf, QueryOf } from "./operations.js";
export { type Page, Pages } from "./pages.js";
export type * as schema from "./schema.js";
export type { StoreOperation, StoreResult } from "./store.js";
export type { CallOptions } from "./transport.js";
export type { MemoryChange, MemoryFields, StateChange, StateFields } from "./updates.js";
export { VERSION } from "./version.js";
export type { Job, WaitOptions } from "./waiting.js";
