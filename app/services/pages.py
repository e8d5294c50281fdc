"""Cursors: the id of the last row of a page, opaque to the client."""

import base64
import binascii
from collections.abc import Sequence
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
