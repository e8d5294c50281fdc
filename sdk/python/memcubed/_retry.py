"""When a request is sent again. Nothing here sends or sleeps, so both clients decide alike."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import httpx

from .errors import CallTimeoutError, ConnectionFailedError, read_problem, to_error

FIRST_WAIT = 0.25
LONGEST_WAIT = 8.0
MAX_UPDATE_TRIES = 10
REPEATABLE = "memcubed_repeatable"
"""Request extension: sending it twice does no more than once, though its method is POST."""

_IDEMPOTENT_METHODS = {"GET", "HEAD", "PUT", "DELETE"}
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_RETRIED_STATUSES = {429, 503}


@dataclass(frozen=True)
class RetryPolicy:
    """How often a call is tried again, and how long a wait may be."""

    max_retries: int = 3
    max_wait: float = 30.0


def backoff(attempt: int) -> float:
    """Seconds to wait after the attempt of that number, from 0 on: doubled each time, with jitter."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 16))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients, keeps no secret


def read_retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After, which has a number or a date; None without one that makes sense."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        if then.tzinfo is None:
            then = then.replace(tzinfo=timezone.utc)
        seconds = (then - datetime.now(timezone.utc)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


class Attempts:
    """The attempts of one request."""

    def __init__(self, policy: RetryPolicy, request: httpx.Request) -> None:
        self._policy = policy
        self._request = request
        self._made = 0
        self._lost_answer = False

    def wait_after_failure(self, error: httpx.RequestError) -> float:
        """Seconds until the next attempt, where no answer came; raises where there is none."""
        sent = not isinstance(error, _NOT_SENT)
        self._lost_answer = self._lost_answer or sent
        if self._is_spent() or not self._has_body_to_repeat() or (sent and not self._is_repeatable()):
            timed_out = isinstance(error, httpx.TimeoutException)
            raise (CallTimeoutError if timed_out else ConnectionFailedError)(
                f"{self._request.method} {self._request.url.path}: {type(error).__name__}: {error}".rstrip(
                    ": "
                ),
                maybe_done=self._lost_answer,
            ) from error
        return self._next_wait(None)

    def wait_after_refusal(self, response: httpx.Response) -> float:
        """Seconds until the next attempt, where the answer is no success; raises where there is none."""
        retry_after = read_retry_after(response.headers.get("Retry-After"))
        again = (
            response.status_code in _RETRIED_STATUSES and not self._is_spent() and self._has_body_to_repeat()
        )
        if not again or (retry_after or 0.0) > self._policy.max_wait:
            problem = read_problem(
                response.status_code,
                response.content,
                request_id=response.headers.get("X-Request-ID"),
                retry_after=retry_after,
                after_lost_answer=self._lost_answer,
            )
            raise to_error(problem)
        return self._next_wait(retry_after)

    def _next_wait(self, retry_after: float | None) -> float:
        wait = backoff(self._made)
        self._made += 1
        # What was asked to wait for the same time does not come back in the same moment.
        return wait if retry_after is None else retry_after + random.uniform(0.0, FIRST_WAIT)  # noqa: S311

    def _is_spent(self) -> bool:
        return self._made >= self._policy.max_retries

    def _has_body_to_repeat(self) -> bool:
        return isinstance(self._request.stream, httpx.ByteStream)

    def _is_repeatable(self) -> bool:
        """With If-Match, the first attempt may be what the second one collides with."""
        if "If-Match" in self._request.headers:
            return False
        return (
            self._request.method in _IDEMPOTENT_METHODS
            or "Idempotency-Key" in self._request.headers
            or bool(self._request.extensions.get(REPEATABLE))
        )
