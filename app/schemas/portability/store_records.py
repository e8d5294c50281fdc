"""The lines of a bundle that hold a user's store: items, and the vectors by which they are found."""

import base64
import binascii
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from app.schemas.common import Instant, Message, Text
from app.schemas.sessions.store_items import (
    MAX_DIMENSIONS,
    MAX_MINUTES,
    JsonObject,
    Key,
    Label,
    Namespace,
)


def _check_vector(value: str) -> str:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise ValueError("must be base64") from exc
    if len(raw) % 2 or not 1 <= len(raw) // 2 <= MAX_DIMENSIONS:
        raise ValueError(f"must have 1 to {MAX_DIMENSIONS} half floats")
    numbers = np.frombuffer(raw, dtype="<f2")
    if not (np.isfinite(numbers).all() and numbers.any()):
        raise ValueError("must have a direction")
    return value


class StoreItemRecord(Message):
    """An item of the store."""

    type: Literal["store_item"]
    namespace: Namespace
    key: Key
    value: JsonObject
    created_at: Instant
    updated_at: Instant
    expires_at: Instant | None
    ttl_minutes: float | None = Field(gt=0, le=MAX_MINUTES)


class StoreVectorRecord(Message):
    """A vector of an item: base64 of little-endian half floats. The client's own has no model and no text.

    It is there without `embeddings` too: nobody else has the client's vectors, and a text that another model
    embedded is embedded anew when it is searched.
    """

    type: Literal["store_vector"]
    namespace: Namespace
    key: Key
    path: Label
    model_id: Text
    text: Text | None
    vector: Annotated[str, AfterValidator(_check_vector)]

    @model_validator(mode="after")
    def _check_text(self) -> "StoreVectorRecord":
        if (self.text is None) != (not self.model_id):
            raise ValueError("has a text and a model, or neither")
        return self

    @property
    def vector_bytes(self) -> bytes:
        """The bytes of the vector (d,)."""
        return base64.b64decode(self.vector)
