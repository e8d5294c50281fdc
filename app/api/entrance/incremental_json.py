"""Parses a large JSON object incrementally, and lets other threads run between two pieces.

Python's parser and the validation of its result hold the interpreter lock while they work. So the members of
the object, and the elements of an array of messages, are parsed and validated one after the other, each
within a size limit. Invalid input is rejected at the first faulty piece, not at the end.
"""

import codecs
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from app.core.errors import InvalidInput

PIECE_BYTES = 2**20  # bytes (chosen); a turn with every character escaped, and all its ids
MAX_MEMBERS = 64
MAX_ERRORS = 100
WINDOW_BYTES = 128 * 1024
_LONGEST_TOKEN = len("\\ud83d\\ude00")  # the longest token whose fault the parser reports at its beginning
_SPACE = re.compile(rb"[ \t\n\r]*")
_decoder = json.JSONDecoder()


class JsonFault(Exception):
    """The body is no JSON: what is wrong, and at which byte."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(what)
        self.at, self.what = at, what


class InvalidMessages(Exception):
    """Messages in an array are invalid; `errors` have their positions in the body."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True, slots=True)
class MessageArray:
    """A member of the body that is an array of at most `max_items` messages of `model`."""

    name: str
    model: type[BaseModel]
    max_items: int


def parse_large_object(raw: bytes | bytearray, messages: MessageArray) -> dict[str, Any] | None:
    """The object of a body with its `messages` validated; None if it is no object.

    Raises `JsonFault`, `InvalidMessages`, `InvalidInput`, and `ValueError` and `RecursionError` as
    `json.loads` does.
    """
    encoding = json.detect_encoding(raw)
    if encoding != "utf-8":
        raw = raw.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    return _JsonReader(raw, messages).read_object()


class _JsonReader:
    """Reads the bytes of one body from the front; `_at` is the position of the next byte."""

    def __init__(self, raw: bytes | bytearray, messages: MessageArray) -> None:
        self._raw, self._messages, self._at = raw, messages, 0
        self._errors: list[dict[str, Any]] = []

    def read_object(self) -> dict[str, Any] | None:
        """The object with its messages validated; None if the body is no object."""
        if self._peek_byte() != b"{":
            return None
        members: dict[str, Any] = {}
        for number, _ in enumerate(self._iter_entries(b"}")):
            if number >= MAX_MEMBERS:
                raise InvalidInput(f"The body has more than {MAX_MEMBERS} fields.", field="body")
            if self._peek_byte() != b'"':
                raise self._fault_at("Expecting property name enclosed in double quotes")
            name: str = self._read_value("body")
            self._expect_byte(b":", "Expecting ':' delimiter")
            is_messages = name == self._messages.name and self._peek_byte() == b"["
            members[name] = self._read_elements() if is_messages else self._read_value(name)
        if self._peek_byte():
            raise self._fault_at("Extra data")
        if self._errors:
            raise InvalidMessages(self._errors)
        return members

    def _read_elements(self) -> list[Any]:
        """Parse and validate the messages."""
        messages: list[Any] = []
        for number, _ in enumerate(self._iter_entries(b"]")):
            if number >= self._messages.max_items:
                what = f"List should have at most {self._messages.max_items} items after validation"
                raise InvalidMessages(
                    [{"type": "too_long", "loc": ("body", self._messages.name), "msg": what}]
                )
            messages.append(
                self._validate_message(number, self._read_value(f"{self._messages.name}[{number}]"))
            )
            time.sleep(0)
        return messages

    def _validate_message(self, number: int, value: Any) -> Any:
        try:
            return self._messages.model.model_validate(value)
        except ValidationError as exc:
            position = ("body", self._messages.name, number)
            for error in exc.errors(include_url=False, include_input=False, include_context=False):
                self._errors.append(dict(error) | {"loc": (*position, *error["loc"])})
            if len(self._errors) >= MAX_ERRORS:
                raise InvalidMessages(self._errors[:MAX_ERRORS]) from None
            return self._messages.model.model_construct()

    def _iter_entries(self, end: bytes) -> Iterator[None]:
        """Yield once before each entry between an opening bracket and `end`."""
        self._at += 1
        if self._peek_byte() == end:
            self._at += 1
            return
        while True:
            self._peek_byte()
            yield
            byte = self._peek_byte()
            if byte not in {b",", end}:
                raise self._fault_at("Expecting ',' delimiter")
            self._at += 1
            if byte == end:
                return

    def _peek_byte(self) -> bytes:
        """Skip white space and return the next byte."""
        space = _SPACE.match(self._raw, self._at)
        assert space is not None
        self._at = space.end()
        return bytes(self._raw[self._at : self._at + 1])

    def _expect_byte(self, byte: bytes, otherwise: str) -> None:
        if self._peek_byte() != byte:
            raise self._fault_at(otherwise)
        self._at += 1
        self._peek_byte()

    def _read_value(self, name: str) -> Any:
        """Parse the value that begins here, at most `PIECE_BYTES` long."""
        for size in (WINDOW_BYTES, PIECE_BYTES):
            window = self._raw[self._at : self._at + size]
            is_last = self._at + size >= len(self._raw)
            # The window may end within a character.
            text, _ = codecs.utf_8_decode(window, "surrogatepass", is_last)
            try:
                value, end = _decoder.raw_decode(text)
            except json.JSONDecodeError as exc:
                if is_last or not _is_cut_off(exc, text):
                    raise self._fault_at(exc.msg, text[: exc.pos]) from None
                continue
            if end == len(text) and not is_last:
                continue  # a number that may continue
            self._at += end if text.isascii() else len(text[:end].encode("utf-8", "surrogatepass"))
            return value
        raise InvalidInput(f"{name}: is longer than {PIECE_BYTES} bytes of JSON.", field=name)

    def _fault_at(self, message: str, text_before: str = "") -> JsonFault:
        return JsonFault(self._at + len(text_before.encode("utf-8", "surrogatepass")), message)


def _is_cut_off(error: json.JSONDecodeError, text: str) -> bool:
    """Whether more text could repair the fault: it is at the end, or in an unterminated string."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - _LONGEST_TOKEN
