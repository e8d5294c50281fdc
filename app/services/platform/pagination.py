"""Cursors: each names where a page ended, and is opaque to the client."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from app.core.errors import InvalidInput
from app.core.instants import none_if_out_of_range

T = TypeVar("T")


def encode_cursor(ids: Sequence[UUID], limit: int) -> str | None:
    """Return the cursor after the first `limit` of the ids, or None when there are no more of them."""
    return _to_base64url(ids[limit - 1].bytes) if len(ids) > limit else None


def decode_cursor(cursor: str | None) -> UUID | None:
    """Return the id that a cursor stands for. Raises `InvalidInput`."""
    return _parse_cursor(cursor, lambda data: UUID(bytes=data))


def encode_dated_cursor(at: datetime, row_id: UUID) -> str:
    """Return the cursor after a row in the order of dates."""
    return _to_base64url(f"{at.astimezone(UTC).isoformat()} {row_id.hex}".encode())


def decode_dated_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return the date and id that a cursor stands for. Raises `InvalidInput`."""
    return _parse_cursor(cursor, _parse_dated_key)


def encode_text_cursor(key: str) -> str:
    """Return the cursor after a row in the order of names."""
    return _to_base64url(key.encode())


def decode_text_cursor(cursor: str | None) -> str | None:
    """Return the name that a cursor stands for. Raises `InvalidInput`."""
    return _parse_cursor(cursor, _parse_name)


def encode_named_cursor(at: datetime, name: str) -> str:
    """Return the cursor after a row in the order of dates and then of names."""
    return _to_base64url(f"{at.astimezone(UTC).isoformat()} {name}".encode())


def decode_named_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """Return the date and name that a cursor stands for. Raises `InvalidInput`."""
    return _parse_cursor(cursor, _parse_named_key)


def paginate_rows(
    rows: Sequence[T], key: Callable[[T], str], cursor: str | None, limit: int
) -> tuple[Sequence[T], str | None]:
    """Return the rows after the cursor, at most `limit`, and the next cursor; `rows` are sorted by `key`.

    Raises `InvalidInput` for a bad cursor.
    """
    after = _parse_cursor(cursor, bytes.decode)
    rest = [row for row in rows if after is None or key(row) > after]
    return rest[:limit], _to_base64url(key(rest[limit - 1]).encode()) if len(rest) > limit else None


def _parse_dated_key(data: bytes) -> tuple[datetime, UUID]:
    instant, row_id = _parse_named_key(data)
    return instant, UUID(row_id)


def _parse_named_key(data: bytes) -> tuple[datetime, str]:
    at, _, name = _parse_name(data).partition(" ")
    instant = none_if_out_of_range(datetime.fromisoformat(at))
    if instant is None:
        raise ValueError(at)
    return instant, name


def _parse_name(data: bytes) -> str:
    name = data.decode()
    if not name or "\x00" in name:  # which Postgres can't hold
        raise ValueError(name)
    return name


def _to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _parse_cursor(cursor: str | None, parse: Callable[[bytes], T]) -> T | None:
    if cursor is None:
        return None
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if not data or _to_base64url(data) != cursor:  # the decoder skips what is no base64
            raise ValueError(cursor)
        return parse(data)
    except (ValueError, binascii.Error) as exc:
        raise InvalidInput("This cursor was not made by the service.", field="cursor") from exc
