"""What several messages share: bounded texts, places, pages and problems."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from app.core import instants, json_values
from app.core.vocabulary import ProblemCode

MAX_CONTENT_BYTES = 64 * 1024
MAX_METADATA_BYTES = 16 * 1024
MAX_UNKNOWN = 20


def _reject_nul(value: Any) -> Any:
    # Postgres text can't hold U+0000.
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("must not contain the character U+0000")
    return value


def _check_encodable(value: str) -> str:
    try:
        size = len(value.encode())
    except UnicodeEncodeError as exc:
        raise ValueError("must be valid Unicode") from exc
    if size > MAX_CONTENT_BYTES:
        raise ValueError(f"must be at most {MAX_CONTENT_BYTES} bytes of UTF-8, got {size}")
    return value


def _check_iso_instant(value: Any) -> Any:
    # A bare number would be read as seconds, or from some size on as milliseconds, since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise ValueError("must be a date and time with a zone, as 2026-03-02T09:30:00Z")


def _check_instant_range(value: datetime) -> datetime:
    fault = instants.find_instant_fault(value)
    if fault is not None:
        raise ValueError(fault)
    return value


def _to_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def check_json_value(value: Any) -> Any:
    """The JSON value. Raises `ValueError` if it would not come back from Postgres as it is."""
    fault = json_values.find_json_fault(value)
    if fault is not None:
        raise ValueError(fault)
    return value


def check_metadata_size(value: dict[str, Any]) -> dict[str, Any]:
    """Return metadata of at most `MAX_METADATA_BYTES`. Raises `ValueError`."""
    if value and len(orjson.dumps(check_json_value(value))) > MAX_METADATA_BYTES:
        raise ValueError(f"must be at most {MAX_METADATA_BYTES} bytes of JSON")
    return value


def normalize_name(value: Any) -> Any:
    """The one form of a name: trimmed, and composed (NFC), so that what looks the same is the same.

    Raises `ValueError` for a character that ends a line or steers a terminal, and for a lone surrogate.
    """
    if not isinstance(value, str) or (value.isascii() and value.isprintable()):
        return value.strip() if isinstance(value, str) else value
    if len(value) > _MOST_COMPOSED:
        return value  # too long in any form
    form = unicodedata.normalize("NFC", value.strip())
    for character in form:
        if unicodedata.category(character) in _NOT_IN_NAMES:
            raise ValueError(f"must not contain the character U+{ord(character):04X}")
    return form


def normalize_id(value: Any) -> Any:
    """The one form of an id: that of a name, all of whose characters can be seen.

    Whoever reads two ids in print must be able to tell them apart and to type them, and who deletes by an id
    must hit what is meant: so nothing invisible, and no second kind of space.
    """
    form = normalize_name(value)
    if isinstance(form, str) and not form.isascii() and len(form) <= _MOST_COMPOSED:
        for character in form:
            if character > "~" and not _is_visible(character):
                raise ValueError(
                    f"must not contain the character U+{ord(character):04X}, which can't be seen"
                )
    return form


def normalize_path_id(value: Any) -> Any:
    """The one form of an id that stands in paths: a client or a proxy resolves `.` and `..` on the way."""
    form = normalize_id(value)
    if isinstance(form, str) and "." in form and not {".", ".."}.isdisjoint(form.split("/")):
        raise ValueError("must not be . or .., nor have such a segment: a path can't carry it")
    return form


def _is_visible(character: str) -> bool:
    code = ord(character)
    if code & 0xFFFE == 0xFFFE or unicodedata.category(character) in _UNSEEN:
        return False
    return not any(first <= code <= last for first, last in _BLANK)


_MOST_COMPOSED = 10_000  # characters; 200 of a name have a few times as many parts
_NOT_IN_NAMES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_UNSEEN = frozenset({"Cf", "Zs"})
# What is drawn as nothing though it is a letter, a mark or a symbol (Default_Ignorable_Code_Point), the
# braille cell without a dot, and what is no character.
_BLANK = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0000, 0xE0FFF),
)


def _normalize_unless_stored(of: Callable[[Any], Any]) -> BeforeValidator:
    def normalize_input(value: Any, info: ValidationInfo) -> Any:
        return value if info.context is STORED else of(value)

    return BeforeValidator(normalize_input)


STORED = {"stored": True}  # the context in which what is stored is read: it had to fit the rules of its day
NoNul = BeforeValidator(_reject_nul)
# The length is that of the one form: what stands further behind is asked first.
_Short = StringConstraints(min_length=1, max_length=200)
Name = Annotated[str, _Short, _normalize_unless_stored(normalize_name)]
Id = Annotated[str, _Short, _normalize_unless_stored(normalize_id)]
PathId = Annotated[str, _Short, _normalize_unless_stored(normalize_path_id)]
Text = Annotated[str, NoNul, AfterValidator(_check_encodable)]
Content = Annotated[
    str, StringConstraints(min_length=1, pattern=r"\S"), NoNul, AfterValidator(_check_encodable)
]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_check_iso_instant),
    AfterValidator(_check_instant_range),
    Field(description="ISO 8601 with zone", examples=["2026-03-02T09:30:00Z"]),
]
# Inside it is on the speaker's clock, so that a context can tell the speaker's day; on the wire it is in UTC.
SpokenInstant = Annotated[Instant, PlainSerializer(_to_utc, return_type=datetime, when_used="json")]
AsOf = Annotated[Instant | None, Field(description="What was true at that moment (valid time)")]
KnownAt = Annotated[
    Instant | None, Field(description="What was recorded up to that moment, and nothing that came later")
]


Metadata = Annotated[dict[str, Any], AfterValidator(check_metadata_size)]


class Message(BaseModel):
    """Unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _limit_unknown_fields(cls, value: Any) -> Any:
        # Each unknown field is an error with a text of its own: a body of nothing else would be thousands.
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + MAX_UNKNOWN:
            raise ValueError(f"has more than {MAX_UNKNOWN} unknown fields")
        return value


class Place(Message):
    """Where something happened; coordinates are degrees (WGS 84)."""

    name: Name
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)


class PlaceOut(BaseModel):
    """Where something happened, as it was told."""

    name: str
    lat: float | None = None
    lon: float | None = None


class GeoCircle(Message):
    """A circle on the ground; degrees (WGS 84) and kilometres."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    km: float = Field(gt=0, le=20_100)


class FieldError(BaseModel):
    """One fault of a request."""

    field: str = Field(description="The path of the field: `turns[3].role`")
    message: str = Field(description="What is wrong with it")


class Problem(BaseModel):
    """RFC 9457: what went wrong, and which field is to blame."""

    type: str = "about:blank"
    title: str
    status: int
    code: ProblemCode
    detail: str
    field: str | None = None
    errors: list[FieldError] | None = None
    request_id: str | None = None
