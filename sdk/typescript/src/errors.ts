/** What can go wrong. Every error of this package is a `MemcubedError`. */

import type { Problem } from "./schema.js";

/** The root of all errors of this package. */
export class MemcubedError extends Error {
  override name = "MemcubedError";
}

/** No answer came: the service could not be reached, or the connection broke. `cause` says why. */
export class ConnectionFailedError extends MemcubedError {
  override name = "ConnectionFailedError";
  /** Nothing was sent, so that any call may come again. */
  readonly isUnsent: boolean;

  constructor(message: string, options?: ErrorOptions & { isUnsent?: boolean }) {
    super(message, options);
    this.isUnsent = options?.isUnsent ?? false;
  }
}

/** No answer, or no end of it, within the time-out. */
export class CallTimeoutError extends ConnectionFailedError {
  override name = "CallTimeoutError";
}

/** A job that was waited for has failed; `job` is what it says of itself. */
export class JobFailedError<Job = unknown> extends MemcubedError {
  override name = "JobFailedError";
  readonly job: Job;

  constructor(message: string, job: Job) {
    super(message);
    this.job = job;
  }
}

/** A job has not ended in the time that was given to it. It goes on. */
export class WaitTimeoutError extends MemcubedError {
  override name = "WaitTimeoutError";
  readonly jobId: string;

  constructor(message: string, jobId: string) {
    super(message);
    this.jobId = jobId;
  }
}

/** What an `APIError` is made of: a problem, or what can be said of an answer that is none. */
export type ProblemParts = Omit<Problem, "code" | "errors"> & {
  code: string;
  errors?: ReadonlyArray<object> | null;
};

/** The service answered with a problem. */
export class APIError extends MemcubedError {
  override name = "APIError";
  readonly status: number;
  /** For programs, as `not_found`; `unknown` where the answer is no problem, such as a proxy's. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** The field or parameter that is to blame. */
  readonly field: string | undefined;
  readonly errors: ReadonlyArray<{ field: string; message: string }>;
  /** Finds the request in the service's log. */
  readonly requestId: string | undefined;
  /** Seconds after which the service wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(problem: ProblemParts, retryAfter?: number) {
    const id = problem.request_id ? ` (request ${problem.request_id})` : "";
    super(`${problem.status} ${problem.code}: ${problem.detail}${id}`);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.field = problem.field ?? undefined;
    this.errors = (problem.errors ?? []).map((error) => {
      const { field, message } = error as Record<string, unknown>;
      return { field: String(field ?? ""), message: String(message ?? "") };
    });
    this.requestId = problem.request_id ?? undefined;
    this.retryAfter = retryAfter;
  }
}

/** The request is wrong: 400, 405, 408, 413, 415, 422, 428, 431 and other 4xx. */
export class InvalidRequestError extends APIError {
  override name = "InvalidRequestError";
}

/** 401: no valid key. */
export class AuthenticationError extends APIError {
  override name = "AuthenticationError";
}

/** 403: the key may not. */
export class PermissionDeniedError extends APIError {
  override name = "PermissionDeniedError";
}

/** 404: not here, or not for this key. */
export class NotFoundError extends APIError {
  override name = "NotFoundError";
}

/** 409: what is stored stands against it. */
export class ConflictError extends APIError {
  override name = "ConflictError";
}

/** 412: somebody else wrote first. */
export class PreconditionFailedError extends ConflictError {
  override name = "PreconditionFailedError";
}

/** 429: too many requests at once. */
export class RateLimitError extends APIError {
  override name = "RateLimitError";
}

/** 5xx: the service, or a model behind it, failed. */
export class ServerError extends APIError {
  override name = "ServerError";
}

/** 503: not now. */
export class UnavailableError extends ServerError {
  override name = "UnavailableError";
}

const CLASS_OF_CODE: Readonly<Record<string, typeof APIError>> = {
  unauthorized: AuthenticationError,
  forbidden: PermissionDeniedError,
  not_found: NotFoundError,
  conflict: ConflictError,
  precondition_failed: PreconditionFailedError,
  too_many_requests: RateLimitError,
  unavailable: UnavailableError,
};
const CLASS_OF_STATUS: Readonly<Record<number, typeof APIError>> = {
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
  429: RateLimitError,
  503: UnavailableError,
};

/** The error of a problem: in the class of its code, else of its status. */
export function toApiError(problem: ProblemParts, retryAfter?: number): APIError {
  const ofCode = Object.hasOwn(CLASS_OF_CODE, problem.code) ? CLASS_OF_CODE[problem.code] : undefined;
  const ofFamily = problem.status >= 500 ? ServerError : problem.status >= 400 ? InvalidRequestError : APIError;
  return new (ofCode ?? CLASS_OF_STATUS[problem.status] ?? ofFamily)(problem, retryAfter);
}

/** The error of a response that is not 2xx. */
export async function readApiError(response: Response): Promise<APIError> {
  const text = (await response.text()).slice(0, 100_000);
  const problem = parseProblem(text) ?? {
    title: response.statusText,
    status: response.status,
    code: "unknown",
    detail: text.slice(0, 200) || response.statusText || "The answer has no body",
    request_id: response.headers.get("x-request-id"),
  };
  return toApiError(problem, readRetryAfter(response.headers.get("retry-after")));
}

/** A problem from JSON; undefined if the text is none. */
export function parseProblem(text: string): ProblemParts | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const { code, status, detail, errors } = Object(value) as Record<string, unknown>;
    const isProblem =
      typeof code === "string" &&
      typeof status === "number" &&
      typeof detail === "string" &&
      (errors === undefined || errors === null || Array.isArray(errors));
    return isProblem ? (value as ProblemParts) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Seconds of a Retry-After, which is a number of them or a date. */
export function readRetryAfter(header: string | null, now = Date.now()): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000);
}
