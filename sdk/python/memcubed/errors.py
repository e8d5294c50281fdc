"""What a call can raise. Everything is a `MemcubedError`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from .types import JobDetail


class MemcubedError(Exception):
    """Anything that this package raises about the service."""


class ConnectionFailedError(MemcubedError):
    """No whole answer came. `maybe_done`: the request was sent, so the service may have done it."""

    def __init__(self, message: str, maybe_done: bool = False) -> None:
        super().__init__(message, maybe_done)
        self.maybe_done = maybe_done

    def __str__(self) -> str:
        return str(self.args[0])


class CallTimeoutError(ConnectionFailedError):
    """The answer did not come in time."""


class UnexpectedAnswerError(MemcubedError):
    """What came is no answer of the service, or one of another version."""


class JobFailedError(MemcubedError):
    """A job ended as failed or dead; `job` says why."""

    def __init__(self, job: JobDetail) -> None:
        super().__init__(job)
        self.job = job

    def __str__(self) -> str:
        return f"job {self.job.id} is {self.job.status} after {self.job.attempts} attempts: {self.job.error}"


class WaitTimeoutError(MemcubedError):
    """A job did not end in the time given."""

    def __init__(self, job_id: UUID, status: str) -> None:
        super().__init__(job_id, status)
        self.job_id = job_id
        self.status = status

    def __str__(self) -> str:
        return f"job {self.job_id} is still {self.status}"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of a request."""

    field: str
    message: str


@dataclass(frozen=True)
class Problem:
    """A problem+json answer."""

    status: int
    code: str = ""
    title: str = ""
    detail: str = ""
    field: str | None = None
    errors: tuple[FieldError, ...] = ()
    request_id: str | None = None
    retry_after: float | None = None
    after_lost_answer: bool = False


class APIError(MemcubedError):
    """The service refused a request.

    `code` is for programs, `errors` are all fields at fault, `request_id` finds it in the service's logs.
    `after_lost_answer`: the request had been sent before, and that answer was lost.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.status = problem.status
        self.code = problem.code
        self.title = problem.title
        self.detail = problem.detail
        self.field = problem.field
        self.errors = list(problem.errors)
        self.request_id = problem.request_id
        self.retry_after = problem.retry_after
        self.after_lost_answer = problem.after_lost_answer

    def __str__(self) -> str:
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.status} {self.code or self.title}: {self.detail}{request}"


class InvalidRequestError(APIError):
    """The request is at fault: 400, 405, 408, 413, 415, 422, 428, 431."""


class AuthenticationError(APIError):
    """401: no valid key."""


class PermissionDeniedError(APIError):
    """403: the key may not do that."""


class NotFoundError(APIError):
    """404: there is no such thing, or not for this key."""


class ConflictError(APIError):
    """409: what is stored stands against it."""


class PreconditionFailedError(ConflictError):
    """412: somebody else was first."""


class RateLimitError(APIError):
    """429: too many requests; `retry_after` says when to try again."""


class ServerError(APIError):
    """5xx: the service or a model behind it failed."""


class UnavailableError(ServerError):
    """503: the service can't take the request now."""


_BY_CODE: Mapping[str, type[APIError]] = {
    "bad_request": InvalidRequestError,
    "unauthorized": AuthenticationError,
    "forbidden": PermissionDeniedError,
    "not_found": NotFoundError,
    "conflict": ConflictError,
    "precondition_failed": PreconditionFailedError,
    "too_many_requests": RateLimitError,
    "internal": ServerError,
    "upstream_failed": ServerError,
    "unavailable": UnavailableError,
}
_BY_STATUS: Mapping[int, type[APIError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    429: RateLimitError,
    503: UnavailableError,
}


def to_error(problem: Problem) -> APIError:
    """The exception of a problem: by its code, else by its status."""
    family = _BY_CODE.get(problem.code) or _BY_STATUS.get(problem.status)
    if family is None:
        family = ServerError if problem.status >= 500 else InvalidRequestError
        family = APIError if problem.status < 400 else family
    return family(problem)


def read_problem(
    status: int | None,
    body: bytes,
    *,
    request_id: str | None,
    retry_after: float | None,
    after_lost_answer: bool,
) -> Problem:
    """The problem in a body; of one that holds none, such as a proxy's page, the status alone.

    Without a status, as in an event, it is the one in the body.
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = None
    fields: dict[str, Any] = read if isinstance(read, dict) else {}
    faults = fields.get("errors")
    said = fields.get("status")
    return Problem(
        status=status or (said if isinstance(said, int) else 500),
        code=_text(fields.get("code")),
        title=_text(fields.get("title")) or "no problem+json",
        detail=_text(fields.get("detail")) or "an answer that the service did not write",
        field=_text(fields.get("field")) or None,
        errors=tuple(
            FieldError(_text(fault.get("field")), _text(fault.get("message")))
            for fault in (faults if isinstance(faults, list) else [])
            if isinstance(fault, dict)
        ),
        request_id=_text(fields.get("request_id")) or request_id,
        retry_after=retry_after,
        after_lost_answer=after_lost_answer,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
