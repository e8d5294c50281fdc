"""What several messages share: bounded texts, places, pages and problems."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

MAX_CONTENT_BYTES = 64 * 1024
MAX_METADATA_BYTES = 16 * 1024
MOST_UNKNOWN = 20


def _no_nul(value: Any) -> Any:
    # Postgres text can't hold U+0000.
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("must not contain the character U+0000")
    return value


def _encodable(value: str) -> str:
    try:
        size = len(value.encode())
    except UnicodeEncodeError as exc:
        raise ValueError("must be valid Unicode") from exc
    if size > MAX_CONTENT_BYTES:
        raise ValueError(f"must be at most {MAX_CONTENT_BYTES} bytes of UTF-8, got {size}")
    return value


def _within_time(value: datetime) -> datetime:
    # In another zone the first and the last year lie outside what Python can read back.
    if not 2 <= value.year <= 9998:
        raise ValueError("must be within the years 2 to 9998")
    return value


NoNul = BeforeValidator(_no_nul)
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    NoNul,
    AfterValidator(_encodable),
]
Text = Annotated[str, NoNul, AfterValidator(_encodable)]
Content = Annotated[str, StringConstraints(min_length=1, pattern=r"\S"), NoNul, AfterValidator(_encodable)]
Instant = Annotated[
    AwareDatetime,
    AfterValidator(_within_time),
    Field(description="ISO 8601 with zone", examples=["2026-03-02T09:30:00Z"]),
]

AsOf = Annotated[Instant | None, Field(description="What was true at that moment (valid time)")]
KnownAt = Annotated[
    Instant | None, Field(description="What was recorded up to that moment, and nothing that came later")
]


class Message(BaseModel):
    """Unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _not_flooded(cls, value: Any) -> Any:
        # Each unknown field is an error with a text of its own: a body of nothing else would be thousands.
        if isinstance(value, dict) and len(value) > len(cls.model_fields) + MOST_UNKNOWN:
            raise ValueError(f"has more than {MOST_UNKNOWN} unknown fields")
        return value


class Place(Message):
    """Where something happened; coordinates are degrees (WGS 84)."""

    name: Name
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)


class Near(Message):
    """A circle on the ground; degrees (WGS 84) and kilometres."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    km: float = Field(gt=0, le=20_100)


class Problem(BaseModel):
    """RFC 9457: what went wrong, and which field is to blame."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    errors: list[dict[str, str]] | None = None
    request_id: str | None = None
