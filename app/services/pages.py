"""Cursors: the id of the last row of a page, opaque to the client."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from app.core.errors import InvalidInput


def as_cursor(ids: Sequence[UUID], limit: int) -> str | None:
    """The cursor behind the page when the `ids` (limit + 1 were asked for) say that there is more."""
    if len(ids) <= limit:
        return None
    return base64.urlsafe_b64encode(ids[limit - 1].bytes).rstrip(b"=").decode()


def from_cursor(cursor: str | None) -> UUID | None:
    """The id that a cursor stands for. Raises `InvalidInput`."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as exc:
        raise InvalidInput("This cursor was not made by the service.", field="cursor") from exc


def as_name_cursor(name: str) -> str:
    """The cursor behind a row in the order of names."""
    return base64.urlsafe_b64encode(name.encode()).rstrip(b"=").decode()


def from_name_cursor(cursor: str | None) -> str | None:
    """The name that a cursor stands for. Raises `InvalidInput`."""
    if cursor is None:
        return None
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error) as exc:
        raise InvalidInput("This cursor was not made by the service.", field="cursor") from exc


def as_dated_cursor(at: datetime, row_id: UUID) -> str:
    """The cursor behind a row in the order of dates."""
    text = f"{at.astimezone(UTC).isoformat()} {row_id.hex}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def from_dated_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The date and id that a cursor stands for. Raises `InvalidInput`."""
    if cursor is None:
        return None
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment, UUID(row_id)
    except (ValueError, binascii.Error) as exc:
        raise InvalidInput("This cursor was not made by the service.", field="cursor") from exc
