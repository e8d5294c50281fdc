"""What a version keeps of a memory, on the wire."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.instants import clamp_instant
from app.core.vocabulary import Form, Kind, Layer, Origin, Status, Volatility
from app.schemas.common import Instant, PlaceOut

_INSTANTS = ("valid_from", "valid_to", "event_from", "event_to", "expires_at")


def _forget_additional(schema: dict[str, Any]) -> None:
    """Say nothing of further fields, which allows them: what says so becomes a map in some clients."""
    schema.pop("additionalProperties", None)


class MemorySnapshot(BaseModel):
    """What a version kept of the memory; those of earlier releases and of bundles may have other fields."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_forget_additional)
    content: str | None = None
    kind: Kind | None = None
    form: Form | None = None
    status: Status | None = None
    subject: str | None = None
    attribute: str | None = None
    value: str | None = None
    polarity: int | None = None
    keywords: list[str] | None = None
    tags: list[str] | None = None
    entities: list[str] | None = None
    context: str | None = None
    confidence: float | None = None
    importance: float | None = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None
    event_from: Instant | None = None
    event_to: Instant | None = None
    place: PlaceOut | None = None
    origin: Origin | None = None
    metadata: dict[str, Any] | None = None
    layer: Layer | None = Field(default=None, description="How slowly it faded")
    strength: float | None = Field(default=None, description="1 to 10: grows with each day of use")
    frozen: bool | None = Field(default=None, description="Whether it was under legal hold")
    pinned: bool | None = Field(default=None, description="Whether it was kept from fading")
    expires_at: Instant | None = None
    volatility: Volatility | None = None
    stale: bool | None = Field(default=None, description="Whether what it was derived from had changed")
    turn_ids: list[UUID] | None = None
    redacted: bool | None = Field(
        default=None, description="True where the words are gone, as somebody who had said them was erased"
    )

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Of what the database keeps, whatever wrote it: a field that is not as it should be is left out."""
        values = dict(stored)
        for name in _INSTANTS:
            if isinstance(values.get(name), str):
                values[name] = _parse_instant(values[name])
        if isinstance(values.get("place"), dict):
            values["place"] = {"lat": None, "lon": None, **values["place"]}
        try:
            return cls.model_validate(values)
        except ValidationError as unreadable:
            for error in unreadable.errors():
                values.pop(str(error["loc"][0]), None)
        return cls.model_validate(values)


def _parse_instant(text: str) -> datetime | str:
    try:
        return clamp_instant(datetime.fromisoformat(text)).astimezone(UTC)
    except ValueError:
        return text
