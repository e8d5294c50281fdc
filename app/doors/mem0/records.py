"""Our memories as mem0's records."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from typing import Any

from app.core.errors import InvalidInput
from app.core.vocabulary import Kind
from app.doors.mem0.identity import RESERVED_KEY, shown_user_id
from app.schemas.search.search import SearchItem
from app.services.memories.told_memories import ToldMemory

# What was said, and not what the service made of it: mem0 has no summaries, portraits and insights.
REMEMBERED_KINDS = tuple(kind for kind in Kind if kind not in {Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT})
_EVEN_SCORE = 3.0  # the score that counts as .5
_SCORE_SPREAD = 1.5
_DAY = timedelta(days=1)
_FIELDS = frozenset(
    [
        "id",
        "memory",
        "user_id",
        "agent_id",
        "app_id",
        "run_id",
        "session_id",
        "metadata",
        "categories",
        "created_at",
        "updated_at",
        "expiration_date",
        "score",
    ]
)


def to_score(item: SearchItem) -> float:
    """A result's score between 0 and 1: its relevance.

    An embedding model without a scale of relevance leaves the score by which the items of one answer are
    ordered. That is a weighted sum without bounds (about -1 to 11), so it goes through the logistic curve
    1 / (1 + e^((3 - s) / 1.5)), which keeps the order.
    """
    if item.relevance is not None:
        return round(item.relevance, 4)
    return round(1 / (1 + exp((_EVEN_SCORE - item.score) / _SCORE_SPREAD)), 4)


def to_record(told: ToldMemory, score: float | None = None) -> dict[str, Any]:
    """A memory as mem0 shows it; what it inherits of its turns' metadata is among its own."""
    memory = told.memory
    metadata, kept = merge_metadata(told)
    record: dict[str, Any] = {
        "id": str(memory.id),
        "memory": memory.content,
        "user_id": shown_user_id(memory.user_id),
        "agent_id": memory.agent_id or next(iter(memory.agent_ids), None),
        "app_id": kept.get("app_id"),
        "run_id": kept.get("run_id"),
        "session_id": kept.get("run_id"),
        "metadata": metadata,
        "categories": memory.tags,
        "created_at": memory.recorded_at.isoformat(),
        "updated_at": memory.updated_at.isoformat(),
        "expiration_date": to_expiration_date(memory.expires_at),
    }
    return record if score is None else record | {"score": score}


def merge_metadata(told: ToldMemory) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The metadata of a memory with those of its turns, the newest last and its own over all; and what this
    door keeps of it.
    """
    merged: dict[str, Any] = {}
    for part in (*(turn.metadata for turn in told.turns), told.memory.metadata):
        merged |= part
    kept = merged.pop(RESERVED_KEY, None)
    return merged, kept if isinstance(kept, dict) else {}


def pick_fields(record: dict[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
    """The fields that were asked for, and the id."""
    if not fields:
        return record
    return {name: value for name, value in record.items() if name == "id" or name in fields}


def check_fields(fields: Sequence[str] | None) -> None:
    """Raise `InvalidInput` for a field that no record has."""
    unknown = [name for name in fields or () if name not in _FIELDS]
    if unknown:
        raise InvalidInput(f"There is no field {unknown[0][:60]!r}.", field="fields")


def to_expiration_date(expires_at: datetime | None) -> str | None:
    """The last day of a memory (in UTC), which mem0 keeps of its end."""
    if expires_at is None:
        return None
    return (expires_at.astimezone(UTC) - timedelta(microseconds=1)).date().isoformat()


def parse_expiration_date(value: str | None) -> datetime | None:
    """When a memory with this last day ends. Raises `InvalidInput`."""
    if value is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(value), time(), UTC) + _DAY
    except (ValueError, OverflowError) as exc:
        raise InvalidInput("An expiration date is a day as 2027-12-31.", field="expiration_date") from exc
