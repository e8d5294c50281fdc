"""The errors of the service; the docstring of each is its default message.

MemcubedError
├── MalformedJson 400     ├── Conflict 409               ├── PreconditionRequired 428
├── Unauthorized 401      ├── PreconditionFailed 412     ├── TooManyRequests 429
├── Forbidden 403         ├── TooLarge 413               ├── UpstreamFailed 502
├── NotFound 404          ├── UnsupportedMediaType 415   └── Unavailable 503
├── RequestTimeout 408    ├── InvalidInput 422
StartupRefused is for the operator: it ends a process with a message, never a request.
"""

from app.core.vocabulary import ProblemCode


class MemcubedError(Exception):
    """Something went wrong."""

    status = 500
    code: ProblemCode = ProblemCode.INTERNAL

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").splitlines()[0]
        self.field = field
        super().__init__(self.message)


class MalformedJson(MemcubedError):
    """The body is not JSON."""

    status = 400
    code = ProblemCode.MALFORMED_JSON


class Unauthorized(MemcubedError):
    """A valid API key is needed: send it as `Authorization: Bearer <key>`."""

    status = 401
    code = ProblemCode.UNAUTHORIZED


class Forbidden(MemcubedError):
    """This key may not do that."""

    status = 403
    code = ProblemCode.FORBIDDEN


class NotFound(MemcubedError):
    """There is no such thing here."""

    status = 404
    code = ProblemCode.NOT_FOUND


class RequestTimeout(MemcubedError):
    """The body did not come in time."""

    status = 408
    code = ProblemCode.REQUEST_TIMEOUT


class Conflict(MemcubedError):
    """The request conflicts with the current state."""

    status = 409
    code = ProblemCode.CONFLICT


class PreconditionFailed(MemcubedError):
    """The version has moved on; read it again and repeat the change."""

    status = 412
    code = ProblemCode.PRECONDITION_FAILED


class TooLarge(MemcubedError):
    """The body is too large."""

    status = 413
    code = ProblemCode.TOO_LARGE


class UnsupportedMediaType(MemcubedError):
    """The body is not read: say `Content-Type: application/json`."""

    status = 415
    code = ProblemCode.UNSUPPORTED_MEDIA_TYPE


class InvalidInput(MemcubedError):
    """A field of the request is not valid."""

    status = 422
    code = ProblemCode.INVALID_INPUT


class PreconditionRequired(MemcubedError):
    """Send the version that you read as `If-Match: <version>`."""

    status = 428
    code = ProblemCode.PRECONDITION_REQUIRED


class TooManyRequests(MemcubedError):
    """This key has too many requests under way; wait for their answers."""

    status = 429
    code = ProblemCode.TOO_MANY_REQUESTS


class UpstreamFailed(MemcubedError):
    """The model endpoint did not give a usable answer; `answered`: it gave one, and that is of no use."""

    status = 502
    code = ProblemCode.UPSTREAM_FAILED

    def __init__(self, message: str | None = None, *, retryable: bool = True, answered: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.answered = answered


class Unavailable(MemcubedError):
    """The service can't answer just now; try again."""

    status = 503
    code = ProblemCode.UNAVAILABLE


class Deadlocked(Unavailable):
    """Another write waited for this one and this one for it, so this one was undone; try again."""


class StartupRefused(MemcubedError):
    """The process can't start as it is configured."""
