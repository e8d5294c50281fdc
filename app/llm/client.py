"""HTTP client of an OpenAI-compatible endpoint: timeouts, retries, circuit breaker, usage counts."""

import json
import logging
import random
import re
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpx

from app.core.errors import StartupRefused, UpstreamFailed

CONNECT_TIMEOUT = 5.0
MAX_TOKENS = 1_000_000_000  # tokens that one call may report (chosen)
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_EVENT_BYTES = 1024 * 1024
RETRYABLE_STATUSES = frozenset({408, 409, 429})
NOT_IMPLEMENTED = 501  # the one error of a server that asking again never mends
ERROR_CODE = re.compile(r"[A-Za-z][\w.\-]{0,63}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used: HTTP calls (`calls` includes failed ones) and tokens as counted by the endpoint.

    `answer_seconds` are the times of the calls that were answered, `failure_seconds` of those that failed.
    """

    calls: int = 0
    failed_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    answer_seconds: tuple[float, ...] = field(default=(), compare=False)
    failure_seconds: tuple[float, ...] = field(default=(), compare=False)

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @classmethod
    def of_answer(cls, seconds: float) -> "Usage":
        """The usage of one call that was answered after so long, without its tokens."""
        return cls(calls=1, answer_seconds=(seconds,))

    @classmethod
    def of_failure(cls, seconds: float) -> "Usage":
        """The usage of one call that failed after so long."""
        return cls(calls=1, failed_calls=1, failure_seconds=(seconds,))


class EndpointFailed(UpstreamFailed):
    """The model endpoint did not give a usable answer.

    `usage` is what the failed call used, `http_status` the last status if there was one, `retry_after` the
    wait in seconds that the endpoint asked for. `answered` says that the endpoint works but its answer is
    unusable. `detail` is the endpoint's own error text: it may repeat what was sent, so it serves decisions
    and must never appear in a message or log.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = True,
        usage: Usage | None = None,
        http_status: int | None = None,
        retry_after: float | None = None,
        answered: bool = False,
        detail: str = "",
    ) -> None:
        super().__init__(message, retryable=retryable, answered=answered)
        self.usage = usage or Usage()
        self.http_status = http_status
        self.retry_after = retry_after
        self.detail = detail


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Full jitter: the n-th wait is uniform in [0, min(cap, base * 2**n)] seconds, never under Retry-After.

    A Retry-After above `cap_seconds` ends the call instead: a job can wait that long, a thread shouldn't.
    `budget_seconds` bounds the whole call with its retries; None = twice the read time-out.
    """

    attempts: int = 4
    base_seconds: float = 0.5
    cap_seconds: float = 30.0
    budget_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock in seconds, the sleep, and the random number of [0, 1) by which a client waits."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """What httpx makes by default, once a process: each load of the CA bundle takes 20 ms of CPU."""
    return httpx.create_ssl_context()


class CircuitBreaker:
    """Stops calls to an endpoint that keeps failing; thread-safe.

    Opens after `threshold` consecutive failures for `open_seconds`. Then one caller is admitted as a probe:
    its success closes the breaker, its failure opens it again. If a probe does not report within
    `probe_seconds`, another one is admitted.
    """

    def __init__(
        self,
        *,
        threshold: int = 5,
        open_seconds: float = 30.0,
        probe_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._open_seconds, self._probe_seconds = open_seconds, probe_seconds
        self._clock, self._lock = clock, threading.Lock()
        self._failures = 0
        self._next_probe = 0.0

    @property
    def is_open(self) -> bool:
        """Whether a call made now would be rejected; reading this does not use up a probe."""
        with self._lock:
            return self._failures >= self._threshold and self._clock() < self._next_probe

    def allow_call(self) -> bool:
        """Whether the caller may call now; True in the half-open state makes it the probe."""
        with self._lock:
            if self._failures < self._threshold:
                return True
            now = self._clock()
            if now < self._next_probe:
                return False
            self._next_probe = now + self._probe_seconds
            return True

    def record_success(self) -> None:
        """Record that the endpoint works: the breaker closes."""
        with self._lock:
            self._failures = 0

    def record_failure(self) -> None:
        """Record a failure of the endpoint."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._threshold:
                self._next_probe = self._clock() + self._open_seconds


class EndpointClient:
    """One endpoint, one connection pool, one breaker; safe to share between threads.

    `base_url` is used as given (a slash at its end doesn't matter): "/chat/completions" or "/embeddings"
    is put behind it, so it holds the "/v1" if the server wants one. `read_timeout` bounds each wait for
    bytes, in seconds, and `retry` the whole call with its retries.
    Raises StartupRefused for a base URL that isn't http(s).
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        read_timeout: float = 60.0,
        retry: RetryPolicy | None = None,
        breaker: CircuitBreaker | None = None,
        transport: httpx.BaseTransport | None = None,
        timing: Timing | None = None,
    ) -> None:
        if not re.match(r"https?://[^/]", base_url, re.IGNORECASE):
            raise StartupRefused("The base URL of a model endpoint must begin with http:// or https://.")
        self._base_url = base_url.rstrip("/")
        self._read_timeout = read_timeout
        self._retry = retry or RetryPolicy()
        self._budget = self._retry.budget_seconds or 2 * read_timeout
        timing = timing or Timing()
        self._clock, self._sleep, self._jitter = timing.clock, timing.sleep, timing.jitter
        self._breaker = breaker or CircuitBreaker(probe_seconds=self._budget, clock=self._clock)
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.Client(headers=headers, transport=transport, verify=tls_context())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def is_open(self) -> bool:
        """Whether the breaker turns calls away just now."""
        return self._breaker.is_open

    def post_json(self, path: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], Usage]:
        """POST `body` as JSON; returns the response's JSON object and the usage of all attempts.

        Raises EndpointFailed: `retryable` after 408, 409, 429, 5xx but 501, network errors, a body that is no
        JSON object, an open breaker or a spent budget; not `retryable` after any other 3xx or 4xx.
        """
        deadline = self._clock() + self._budget
        spent = Usage()
        for attempt in range(self._retry.attempts):
            if not self._breaker.allow_call():
                raise EndpointFailed("The model endpoint keeps failing; not asked for now.", usage=spent)
            began = self._clock()
            try:
                answer = self._post_once(path, body, deadline)
            except EndpointFailed as failure:
                spent += Usage.of_failure(self._clock() - began)
                failure.usage = spent
                delay = self._retry_delay(attempt, failure, deadline)
                if delay is None:
                    raise
                log.warning("model endpoint failed, status %s; again in %.1f s", failure.http_status, delay)
                self._sleep(delay)
            else:
                return answer, spent + Usage.of_answer(self._clock() - began) + parse_token_usage(answer)
        raise EndpointFailed("No attempt was allowed.", usage=spent)

    def stream_json(self, path: str, body: Mapping[str, Any]) -> Generator[dict[str, Any]]:
        """POST `body` as JSON, and yield the JSON objects of the server-sent events that answer it.

        Asks once; an answer that is no stream is yielded as one object. Raises EndpointFailed as `post_json`
        does, also when the connection ends or the time budget is spent in the midst of it. The connection is
        closed when the generator is.
        """
        if not self._breaker.allow_call():
            raise EndpointFailed("The model endpoint keeps failing; not asked for now.")
        deadline = self._clock() + self._budget
        timeout = httpx.Timeout(self._read_timeout, connect=CONNECT_TIMEOUT)
        try:
            with self._http.stream("POST", self._base_url + path, json=body, timeout=timeout) as response:
                if "text/event-stream" in response.headers.get("content-type", ""):
                    yield from iter_events(self._iter_parts(response, deadline))
                    self._breaker.record_success()
                else:
                    yield self._parse_response(response, self._read_body(response, deadline))
        except httpx.RequestError as exc:
            self._breaker.record_failure()
            raise EndpointFailed(f"The model endpoint can't be reached ({type(exc).__name__}).") from exc

    def _iter_parts(self, response: httpx.Response, deadline: float) -> Iterator[bytes]:
        """Yield the parts of a body, limited in total time and size. Raises EndpointFailed."""
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise EndpointFailed("The model endpoint's answer is too long.", retryable=False)
            if self._clock() > deadline:
                raise EndpointFailed("The model endpoint took longer than the time budget.")
            yield part

    def _post_once(self, path: str, body: Mapping[str, Any], deadline: float) -> dict[str, Any]:
        left = max(0.001, deadline - self._clock())
        timeout = httpx.Timeout(min(self._read_timeout, left), connect=min(CONNECT_TIMEOUT, left))
        try:
            with self._http.stream("POST", self._base_url + path, json=body, timeout=timeout) as response:
                raw = self._read_body(response, deadline)
        except (httpx.RequestError, EndpointFailed) as exc:
            self._breaker.record_failure()
            if isinstance(exc, EndpointFailed):
                raise
            raise EndpointFailed(f"The model endpoint can't be reached ({type(exc).__name__}).") from exc
        return self._parse_response(response, raw)

    def _read_body(self, response: httpx.Response, deadline: float) -> bytes:
        """The body, limited in total time: httpx limits only the wait between two chunks."""
        return b"".join(self._iter_parts(response, deadline))

    def _parse_response(self, response: httpx.Response, raw: bytes) -> dict[str, Any]:
        status = response.status_code
        if not response.is_success:
            retryable = status in RETRYABLE_STATUSES or (status >= 500 and status != NOT_IMPLEMENTED)
            (self._breaker.record_failure if retryable else self._breaker.record_success)()
            code = parse_error_code(raw)
            raise EndpointFailed(
                f"The model endpoint answered {status}{f' ({code})' if code else ''}.",
                retryable=retryable,
                http_status=status,
                retry_after=parse_retry_after(response.headers),
                detail=raw[:4000].decode("utf-8", "replace"),
            )
        try:
            answer = dict(json.loads(raw))
        except (ValueError, TypeError, RecursionError) as exc:
            self._breaker.record_failure()
            raise EndpointFailed(
                "The model endpoint's answer is no JSON object.", http_status=status
            ) from exc
        self._breaker.record_success()
        return answer

    def _retry_delay(self, attempt: int, failure: EndpointFailed, deadline: float) -> float | None:
        """Seconds until the next attempt; None if there is none."""
        if not failure.retryable or attempt + 1 >= self._retry.attempts:
            return None
        requested = failure.retry_after or 0.0
        if requested > self._retry.cap_seconds:
            return None
        backoff = self._jitter() * min(self._retry.cap_seconds, self._retry.base_seconds * 2**attempt)
        delay = max(requested, backoff)
        return delay if self._clock() + delay < deadline else None


def iter_events(parts: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of server-sent events; what is no JSON object is left out.

    Raises EndpointFailed for an error in place of an event.
    """
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        if len(rest) > MAX_EVENT_BYTES:
            raise EndpointFailed("An event of the model endpoint is too long.", retryable=False)
        for line in lines:
            if not line.startswith(b"data:"):
                continue
            try:
                event = json.loads(line.removeprefix(b"data:"))
            except (ValueError, RecursionError):
                continue  # `[DONE]`, and what nobody can read
            if isinstance(event, dict):
                if event.get("error"):
                    raise EndpointFailed("The model endpoint failed while it answered.")
                yield event


def parse_token_usage(answer: Mapping[str, Any]) -> Usage:
    """The tokens that an answer reports; 0 where it reports none."""
    usage = answer.get("usage")
    counts: Mapping[str, Any] = usage if isinstance(usage, dict) else {}
    prompt, completion = counts.get("prompt_tokens"), counts.get("completion_tokens")
    return Usage(
        prompt_tokens=parse_token_count(prompt),
        completion_tokens=parse_token_count(completion),
    )


def parse_token_count(tokens: Any) -> int:
    """A token count in [0, MAX_TOKENS]; 0 for anything else."""
    return tokens if isinstance(tokens, int) and 0 <= tokens <= MAX_TOKENS else 0


def parse_error_code(raw: bytes) -> str | None:
    """The endpoint's error code, if it looks like a code: free text may repeat the prompt."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    error = body.get("error", body) if isinstance(body, dict) else None
    words = [error.get("code"), error.get("type")] if isinstance(error, dict) else []
    return next((word for word in words if isinstance(word, str) and ERROR_CODE.fullmatch(word)), None)


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait in seconds of a Retry-After header; a date is read relative to the response's Date header."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return float(value)
    try:
        retry_at, sent = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (retry_at - sent).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
