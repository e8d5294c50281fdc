"""Client of memcubed, memory as a service for LLM chat apps and agents.

    from memcubed import Memcubed

    with Memcubed("http://127.0.0.1:8000", key) as memory:
        ann = memory.user("ann")
        ann.wait(ann.add("I moved to Bergen.", "monday"))
        print(ann.search("Where does Ann live?").items[0].content)

`AsyncMemcubed` has the same methods. Types are in `memcubed.types`, exceptions in `memcubed.errors`,
and every operation of the service in `memcubed.generated.api`.
"""

from ._async import AsyncMemcubed
from ._requests import AnswerEvent
from ._sync import Memcubed
from ._version import __version__
from .errors import (
    APIError,
    AuthenticationError,
    CallTimeoutError,
    ConflictError,
    ConnectionFailedError,
    FieldError,
    InvalidRequestError,
    JobFailedError,
    MemcubedError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    RateLimitError,
    ServerError,
    UnavailableError,
    UnexpectedAnswerError,
    WaitTimeoutError,
)

__all__ = [
    "APIError",
    "AnswerEvent",
    "AsyncMemcubed",
    "AuthenticationError",
    "CallTimeoutError",
    "ConflictError",
    "ConnectionFailedError",
    "FieldError",
    "InvalidRequestError",
    "JobFailedError",
    "Memcubed",
    "MemcubedError",
    "NotFoundError",
    "PermissionDeniedError",
    "PreconditionFailedError",
    "RateLimitError",
    "ServerError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "WaitTimeoutError",
    "__version__",
]
