"""langmem: items of a LangGraph store, as `search` of the store or of the SDK gives them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.cli.importing.fields import FieldFault, as_list, as_object, id_of, instant_of, object_of
from app.cli.importing.files import ExportFile, Located
from app.cli.importing.options import ReadOptions
from app.cli.importing.records import Fault, ImportedMemory, ImportedRecord

MEMBERS = ("store.json", "items.json")
_TEXTS = ("content", "text", "memory", "data", "fact")


def read_records(file: ExportFile, _options: ReadOptions) -> Iterator[ImportedRecord | Located]:
    """Yield what the file holds."""
    yield from file.iter_records("items", "results")


def convert_record(record: Located, options: ReadOptions) -> Iterator[ImportedRecord]:
    """The memory of an item; which part of the namespace is the user says `--namespace-part`.

    Raises `FieldFault`.
    """
    item = as_object(record.value, "")
    given = item.get("namespace")
    namespace = given.split(".") if isinstance(given, str) else as_list(given, "namespace")
    if not all(isinstance(part, str) for part in namespace):
        raise FieldFault("namespace", "should be a list of texts")
    key = id_of(item, "key", "key")
    value = object_of(item, "value", "value")
    content = to_text(value)
    if not content:
        yield Fault(record.place, "value", "says nothing")
        return
    kind = value.get("kind")
    yield ImportedMemory(
        record.place,
        user_id=_find_user(namespace, options.namespace_part),
        source_id="/".join([*namespace, key]),
        content=content,
        asserted_at=instant_of(item, "created_at", "created_at"),
        metadata={"namespace": namespace, "key": key} | ({"kind": kind} if isinstance(kind, str) else {}),
    )


def _find_user(namespace: list[str], part: int) -> str | None:
    return namespace[part] if -len(namespace) <= part < len(namespace) else None


def to_text(value: Mapping[str, Any]) -> str:
    """What a value says: its text, or each of its fields as `name: value`."""
    for name in _TEXTS:
        found = value.get(name)
        if isinstance(found, str) and found.strip():
            return found.strip()
        if isinstance(found, Mapping):
            return to_text(found)
    parts = [f"{name}: {_inline(one)}" for name, one in value.items() if name != "kind" and _inline(one)]
    return "; ".join(parts)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float | Decimal):
        return str(value).strip()
    if isinstance(value, list):
        return ", ".join(part for one in value if (part := _inline(one)))
    if isinstance(value, Mapping):
        return to_text(value)
    return ""
