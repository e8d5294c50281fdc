"""mem0: the memories that `get_all` gives, as a list or as pages with `results`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app.cli.importing.fields import (
    JsonObject,
    as_list,
    as_object,
    id_of,
    instant_of,
    object_of,
    optional_text,
)
from app.cli.importing.files import ExportFile, Located
from app.cli.importing.options import ReadOptions
from app.cli.importing.records import Fault, ImportedMemory, ImportedRecord

MEMBERS = ("memories.json", "mem0.json")
_DAY = timedelta(days=1)


def read_records(file: ExportFile, _options: ReadOptions) -> Iterator[ImportedRecord | Located]:
    """Yield what the file holds; a page among the lines stands for its results."""
    for record in file.iter_records("results", "memories"):
        yield from _unfold(record) if isinstance(record, Located) else [record]


def _unfold(record: Located) -> Iterator[Located | Fault]:
    value = record.value
    if isinstance(value, dict) and isinstance(value.get("results"), list):
        for at, one in enumerate(value["results"]):
            yield Located(f"{record.place}, results[{at}]", one)
    else:
        yield record


def convert_record(record: Located, _options: ReadOptions) -> Iterator[ImportedRecord]:
    """The memory of a record. Raises `FieldFault`."""
    value = as_object(record.value, "")
    content = optional_text(value, "memory", "memory") or optional_text(value, "data", "data")
    if content is None:
        yield Fault(record.place, "memory", "is missing")
        return
    categories = as_list(value.get("categories"), "categories")
    yield ImportedMemory(
        record.place,
        user_id=_owner(value),
        source_id=id_of(value, "id", "id"),
        content=content,
        asserted_at=instant_of(value, "created_at", "created_at"),
        expires_at=_last_day(instant_of(value, "expiration_date", "expiration_date")),
        agent_id=optional_text(value, "agent_id", "agent_id"),
        tags=[str(one) for one in categories if isinstance(one, str) and one.strip()][:32],
        metadata={**object_of(value, "metadata", "metadata"), **_kept(value)},
    )


def _last_day(at: datetime | None) -> datetime | None:
    return at + _DAY if at is not None else None


def _owner(value: JsonObject) -> str | None:
    """The user, or the pseudo-user of mem0's door that memories without one belong to."""
    for name, prefix in (("user_id", ""), ("agent_id", "agent:"), ("app_id", "app:"), ("run_id", "run:")):
        found = optional_text(value, name, name)
        if found is not None:
            return f"{prefix}{found}"
    return None


def _kept(value: JsonObject) -> dict[str, Any]:
    """What mem0's door shows as app and run."""
    run = optional_text(value, "run_id", "run_id") or optional_text(value, "session_id", "session_id")
    kept = {"app_id": optional_text(value, "app_id", "app_id"), "run_id": run}
    kept = {name: one for name, one in kept.items() if one is not None}
    return {"mem0": kept} if kept else {}
