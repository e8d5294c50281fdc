"""Read a large JSON object piece by piece, and let the rest of the process run between two pieces.

Python's parser and the validation of what it gives hold the whole process while they work. So the members of
the object, and the elements of an array of messages, are parsed and validated one after the other, each no
larger than a bound; what is refused is refused at the first piece that is at fault, not at the end.
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

PIECE_BYTES = 2**20  # a turn with escapes for every character, and all its ids
MAX_MEMBERS = 64
MAX_ERRORS = 100
WINDOW_BYTES = 128 * 1024
_LONGEST_TOKEN = len("\\ud83d\\ude00")  # that is told of as a whole
_SPACE = re.compile(rb"[ \t\n\r]*")
_decoder = json.JSONDecoder()


class MalformedJson(Exception):
    """The body is no JSON: what is wrong, and at which character."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(what)
        self.at, self.what = at, what


class InvalidMessages(Exception):
    """Messages in an array are not valid; `errors` have their places in the body."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True, slots=True)
class MessageArray:
    """A member of the body that is an array of messages."""

    name: str
    model: type[BaseModel]
    max_items: int


def parse_large_object(raw: bytes | bytearray, messages: MessageArray) -> dict[str, Any] | None:
    """The object of a body, its `messages` validated; None when it is no object.

    Raises `Malformed`, `Invalid`, `InvalidInput`, `ValueError` and `RecursionError`, as `json.loads` does.
    """
    encoding = json.detect_encoding(raw)
    if encoding != "utf-8":
        raw = raw.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    return _JsonReader(raw, messages).read_object()


class _JsonReader:
    def __init__(self, raw: bytes | bytearray, messages: MessageArray) -> None:
        self._raw, self._messages, self._at = raw, messages, 0
        self._errors: list[dict[str, Any]] = []

    def read_object(self) -> dict[str, Any] | None:
        if self._peek_byte() != b"{":
            return None
        found: dict[str, Any] = {}
        for number, _ in enumerate(self._iter_entries(b"}")):
            if number >= MAX_MEMBERS:
                raise InvalidInput(f"The body has more than {MAX_MEMBERS} fields.", field="body")
            if self._peek_byte() != b'"':
                raise self._malformed_error("Expecting property name enclosed in double quotes")
            name: str = self._read_value("body")
            self._expect_byte(b":", "Expecting ':' delimiter")
            is_messages = name == self._messages.name and self._peek_byte() == b"["
            found[name] = self._read_elements() if is_messages else self._read_value(name)
        if self._peek_byte():
            raise self._malformed_error("Extra data")
        if self._errors:
            raise InvalidMessages(self._errors)
        return found

    def _read_elements(self) -> list[Any]:
        """The messages."""
        found: list[Any] = []
        for number, _ in enumerate(self._iter_entries(b"]")):
            if number >= self._messages.max_items:
                what = f"List should have at most {self._messages.max_items} items after validation"
                raise InvalidMessages(
                    [{"type": "too_long", "loc": ("body", self._messages.name), "msg": what}]
                )
            found.append(self._validate_message(number, self._read_value(f"{self._messages.name}[{number}]")))
            time.sleep(0)
        return found

    def _validate_message(self, number: int, value: Any) -> Any:
        try:
            return self._messages.model.model_validate(value)
        except ValidationError as exc:
            place = ("body", self._messages.name, number)
            for error in exc.errors(include_url=False, include_input=False, include_context=False):
                self._errors.append(dict(error) | {"loc": (*place, *error["loc"])})
            if len(self._errors) >= MAX_ERRORS:
                raise InvalidMessages(self._errors[:MAX_ERRORS]) from None
            return self._messages.model.model_construct()

    def _iter_entries(self, end: bytes) -> Iterator[None]:
        """Between an opening bracket and `end`: once before each entry."""
        self._at += 1
        if self._peek_byte() == end:
            self._at += 1
            return
        while True:
            self._peek_byte()
            yield
            found = self._peek_byte()
            if found not in {b",", end}:
                raise self._malformed_error("Expecting ',' delimiter")
            self._at += 1
            if found == end:
                return

    def _peek_byte(self) -> bytes:
        """The next byte that is no space."""
        space = _SPACE.match(self._raw, self._at)
        assert space is not None
        self._at = space.end()
        return bytes(self._raw[self._at : self._at + 1])

    def _expect_byte(self, byte: bytes, otherwise: str) -> None:
        if self._peek_byte() != byte:
            raise self._malformed_error(otherwise)
        self._at += 1
        self._peek_byte()

    def _read_value(self, name: str) -> Any:
        """The value that begins here, at most `PIECE_BYTES` long."""
        for size in (WINDOW_BYTES, PIECE_BYTES):
            window = self._raw[self._at : self._at + size]
            is_last = self._at + size >= len(self._raw)
            # What is cut may end within a character.
            text, _ = codecs.utf_8_decode(window, "surrogatepass", is_last)
            try:
                value, end = _decoder.raw_decode(text)
            except json.JSONDecodeError as exc:
                if is_last or not _is_cut_off(exc, text):
                    raise self._malformed_error(exc.msg, exc.pos) from None
                continue
            if end == len(text) and not is_last:
                continue  # a number that may go on
            self._at += end if text.isascii() else len(text[:end].encode("utf-8", "surrogatepass"))
            return value
        raise InvalidInput(f"{name}: is longer than {PIECE_BYTES} bytes of JSON.", field=name)

    def _malformed_error(self, what: str, further: int = 0) -> MalformedJson:
        before = (self._raw[at : min(at + PIECE_BYTES, self._at)] for at in range(0, self._at, PIECE_BYTES))
        characters = sum(
            len(part) for part in codecs.iterdecode(map(bytes, before), "utf-8", "surrogatepass")
        )
        return MalformedJson(characters + further, what)


def _is_cut_off(error: json.JSONDecodeError, text: str) -> bool:
    """Whether what follows the text might mend it: the fault is at its end, or in a string that goes on."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - _LONGEST_TOKEN
