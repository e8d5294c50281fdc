"""What both clients share about requests and answers; nothing here does I/O."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx

from ._version import __version__
from .errors import UnexpectedAnswerError, read_problem, to_error
from .types import CitedAnswer, Fields, TurnInput, TurnsInput

DEFAULT_URL = "http://127.0.0.1:8000"
USER_AGENT = f"memcubed-python/{__version__}"
CHUNK_BYTES = 64 * 1024
Parsed_co = TypeVar("Parsed_co", covariant=True)


class Model(Protocol[Parsed_co]):
    """A generated class."""

    @staticmethod
    def from_dict(src_dict: Mapping[str, Any], /) -> Parsed_co:
        """Parse it."""


@dataclass(frozen=True)
class AnswerEvent:
    """An event of an answer that is being written: `shown`, `claim`, `restart`, or at the end `answer`."""

    type: str
    data: Mapping[str, Any]

    @property
    def answer(self) -> CitedAnswer | None:
        """The whole answer, of the last event."""
        return CitedAnswer.from_dict(self.data) if self.type == "answer" else None


_in_own_call: ContextVar[bool] = ContextVar("memcubed_in_own_call", default=False)


class _OwnCalls(logging.Filter):
    """Keeps URLs of this client, in whose queries users and filters stand, out of the log of httpx."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - the interface of logging
        return not _in_own_call.get()


logging.getLogger("httpx").addFilter(_OwnCalls())


@contextmanager
def unlogged() -> Iterator[None]:
    """While a request of this client is sent."""
    token = _in_own_call.set(True)
    try:
        yield
    finally:
        _in_own_call.reset(token)


def resolve_url(url: str | None) -> str:
    """The service's address: as given, from MEMCUBED_URL, or on this machine."""
    found = (url or os.environ.get("MEMCUBED_URL") or DEFAULT_URL).rstrip("/")
    parsed = httpx.URL(found)
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError("The URL of the service must begin with http:// or https:// and name a host.")
    return found


def resolve_key(key: str | None) -> str:
    """The API key: as given, or from MEMCUBED_API_KEY."""
    found = (key or os.environ.get("MEMCUBED_API_KEY") or "").strip()
    if not found:
        raise ValueError("Give an API key, or set MEMCUBED_API_KEY.")
    if not found.isascii() or not found.isprintable() or " " in found:
        # The message has no part of it: what is wrong may be that it is something else that is secret.
        raise ValueError("An API key has visible ASCII characters only.")
    return found


def route(template: str, *parts: object) -> str:
    """A path with its `{}` filled in, so that whatever an id has in it stays one segment."""
    filled = []
    for part in parts:
        text = str(part)
        if not text:
            raise ValueError(f"An id of {template} is empty.")
        # A segment of dots would be resolved as a path.
        filled.append("%2E" * len(text) if set(text) == {"."} else quote(text, safe=""))
    return template.format(*filled)


def given(**fields: object) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def to_query(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Query parameters: lists are repeated, objects are JSON."""
    return {name: _to_parameter(value) for name, value in fields.items() if value is not None}


def _to_parameter(value: object) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return to_json(value).decode()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_to_parameter(part) for part in value]
    return _to_plain(value) if isinstance(value, (datetime, date, UUID)) else value


def to_json(body: Fields) -> bytes:
    """A body. Numbers that JSON does not have are refused here, before they are sent."""
    return json.dumps(
        body, default=_to_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def _to_plain(value: object) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    raise TypeError(f"A {type(value).__name__} can't be sent as JSON.")


def to_turns(turns: TurnsInput) -> list[Fields]:
    """The turns of a post."""
    several: Iterable[TurnInput] = [turns] if isinstance(turns, (str, Mapping)) else turns
    return [{"role": "user", "content": turn} if isinstance(turn, str) else turn for turn in several]


def read_chunks(bundle: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """The parts of a body, from a file or an iterable."""
    read = getattr(bundle, "read", None)
    if read is None:
        yield from bundle
        return
    while chunk := read(CHUNK_BYTES):
        yield chunk


def parse(model: Model[Parsed_co], data: object) -> Parsed_co:
    """An object of a generated class."""
    try:
        return model.from_dict(data)  # type: ignore[arg-type]  # what is no mapping fails in it
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        name = getattr(model, "__name__", "object")
        raise UnexpectedAnswerError(f"The answer is no {name}: {type(error).__name__}") from error


def read_json(response: httpx.Response) -> Any:
    """The JSON of an answer."""
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("Content-Type", "no content type")
        raise UnexpectedAnswerError(f"The answer is no JSON ({kind}).") from error


class EventReader:
    """Server-sent events, from bytes as they come.

    Lines end at \\n only: texts in the data may hold other characters that str.splitlines() takes for ends.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._name = "message"
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[AnswerEvent]:
        """The events that are whole after this chunk; an event `error` is raised."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            event = self._take(line.decode().rstrip("\r"))
            if event is not None:
                yield event

    def _take(self, line: str) -> AnswerEvent | None:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        if line or not self._data:
            return None
        event, data = self._name, "\n".join(self._data)
        self._name, self._data = "message", []
        return _to_event(event, data)


def _to_event(name: str, data: str) -> AnswerEvent:
    if name == "error":
        problem = read_problem(
            None, data.encode(), request_id=None, retry_after=None, after_lost_answer=False
        )
        raise to_error(problem)
    try:
        read = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswerError(f"The event {name} is no JSON.") from error
    return AnswerEvent(name, read)


def may_be_repeated(operations: Iterable[Fields]) -> bool:
    """Whether operations of a store give the same when they are done twice.

    They do unless a read comes before a write: the second time it could give what that write left.
    """
    has_read = False
    for operation in operations:
        is_write = operation.get("op") in {"put", "delete"}
        if is_write and has_read:
            return False
        has_read = has_read or not is_write
    return True


def says(stored: Mapping[str, Any], fields: Fields) -> bool:
    """Whether what is stored has these fields."""
    written = json.loads(to_json(fields))
    return all(_same(stored.get(name), value) for name, value in written.items() if name != "reason")


def _same(stored: object, written: object) -> bool:
    if written is None:
        return stored in (None, [], {})
    return stored == written
