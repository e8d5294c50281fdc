"""What a ready-made memory that is posted again does to the stored one: each field is applied or refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Conflict
from app.core.vocabulary import Form, Status
from app.db import models
from app.db.memory_rows import MemoryChanges
from app.memory.reconciliation.decisions import MAX_CONFIDENCE, content_hash
from app.schemas.common import check_metadata_size
from app.schemas.memories.memories import MAX_INDEX_WORDS, CreateMemory

# What a memory is. Two posts that differ in it contradict each other, and nobody has said which is right.
_IDENTITY_FIELDS = ("kind", "form", "agent_id", "place", "event_from", "event_to")


def merged_columns(row: models.Memory, request: CreateMemory, subject: str | None) -> MemoryChanges:
    """The columns of a stored memory that a second post of it changes.

    What is listed is united, metadata is merged key by key, and what the request sets otherwise holds from
    now on; fields that it leaves out stay. `subject` is the canonical name of the request's subject. Raises
    `Conflict`, naming the field, where the two contradict each other in what the memory is, or have too many
    words together.
    """
    values: dict[str, Any] = {"confidence": MAX_CONFIDENCE}
    for name in request.model_fields_set & {"importance", "pinned", "expires_at"}:
        values[name] = getattr(request, name)
    for name in ("keywords", "tags", "entities"):
        values[name] = _unite(name, getattr(row, name), getattr(request, name))
    values |= (identity := _identity_columns(row, request, subject))
    if request.metadata:
        values["metadata_"] = _merge_metadata(row.metadata_, request.metadata)
    if content_hash(request.content) != row.content_hash:
        values |= {"content": request.content, "content_hash": content_hash(request.content)}
    if row.status == Status.ARCHIVED:
        values["status"] = Status.ACTIVATED
    begins = identity.get("event_from") or (request.asserted_at if row.form == Form.STATE else None)
    if row.attribute is None and begins is not None:  # the timeline of a slot says it otherwise
        values["valid_from"] = min(begins, row.valid_from or begins)
    return MemoryChanges(**{name: value for name, value in values.items() if value != getattr(row, name)})


def _identity_columns(row: models.Memory, request: CreateMemory, subject: str | None) -> dict[str, Any]:
    """The fields that the stored memory lacks, from the request. Raises `Conflict` for those that differ."""
    given: dict[str, Any] = {
        name: getattr(request, name)
        for name in _IDENTITY_FIELDS
        if name in request.model_fields_set and getattr(request, name) is not None
    }
    if request.place is not None:
        given["place"] = request.place.model_dump()
    if subject is not None:
        given["subject"] = subject
    stored = {name: getattr(row, name) for name in given}
    for name, value in given.items():
        if stored[name] is not None and stored[name] != value:
            raise Conflict("This memory is stored with another one of these.", field=name)
    return {name: value for name, value in given.items() if stored[name] is None}


def _unite(name: str, stored: Sequence[str], more: Sequence[str]) -> list[str]:
    united = list(dict.fromkeys([*stored, *more]))
    if len(united) > max(MAX_INDEX_WORDS, len(stored)):
        raise Conflict(f"The memory has {len(stored)} of these; together there are too many.", field=name)
    return united


def _merge_metadata(stored: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return check_metadata_size({**stored, **more})
    except ValueError as exc:
        raise Conflict("Together with what is stored it is too large.", field="metadata") from exc
