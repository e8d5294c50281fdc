"""Says what is wrong with a message: the faults of its fields by their paths, and what was probably meant."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

MOST_NAMED = 12  # fields in the answer to an unknown one
_LONGEST_NAME = 60
_INSTANT_EXAMPLE = "2026-03-02T09:30:00Z"
# What other services call it; told only where the message has a field of the second name.
_MEANT = {
    "agent": "agent_id",
    "body": "content",
    "conversation_id": "session_id",
    "created_at": "observed_at",
    "date": "observed_at",
    "id": "ref",
    "kind": "kinds",
    "limit": "k",
    "max_results": "k",
    "memory": "content",
    "message": "content",
    "messages": "turns",
    "question": "query",
    "run_id": "session_id",
    "session": "session_id",
    "speaker": "name",
    "tag": "tags",
    "text": "content",
    "thread_id": "session_id",
    "timestamp": "observed_at",
    "top_k": "k",
    "ttl": "expires_at",
    "user": "user_id",
    "username": "user_id",
}
_UNIONS = (Union, UnionType)
Location = Sequence[int | str]


def describe_faults(root: Any, errors: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The faults of a message of the type `root`, each as path and text; what is misspelt comes first.

    A location of pydantic also has the names of the types that a field may have; these are left out, and
    what each of them finds is one fault.
    """
    meant: dict[str, list[str]] = {}
    rest: dict[str, list[str]] = {}
    for error in errors:
        path, owner = _resolve_location(root, error["loc"])
        text, is_meant = _describe_error(error, owner)
        texts = (meant if is_meant else rest).setdefault(path, [])
        if text not in texts:
            texts.append(text)
    return [(path, ", or ".join(texts)) for path, texts in (*meant.items(), *rest.items())]


def _describe_error(error: Mapping[str, Any], owner: type[BaseModel] | None) -> tuple[str, bool]:
    """What is wrong, and whether it is known what was meant."""
    kind: str = error["type"]
    if kind == "extra_forbidden" and owner is not None:
        return _describe_unknown(str(error["loc"][-1]), owner)
    text = str(error["msg"])
    if kind == "value_error":
        text = text.removeprefix("Value error, ")
    if kind in {"model_attributes_type", "model_type", "dict_type"}:
        return "must be a JSON object", False
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] == r"\S":
        return "must not be blank", False
    if kind == "missing" and not error["loc"]:
        return "a JSON object is needed", False
    if kind.startswith(("datetime_", "timezone_")):
        return f"must be a date and time with a zone, as {_INSTANT_EXAMPLE}", False
    return text, False


def _describe_unknown(name: str, owner: type[BaseModel]) -> tuple[str, bool]:
    known = [field.alias or name for name, field in owner.model_fields.items()]
    target = _MEANT.get(name.lower())
    near = [target] if target in known else get_close_matches(name[:_LONGEST_NAME].lower(), known, n=1)
    if near:
        return f"is no field here; did you mean `{near[0]}`?", True
    shown = ", ".join(f"`{one}`" for one in known[:MOST_NAMED]) + (" …" if len(known) > MOST_NAMED else "")
    return f"is no field here; it takes {shown}", False


def _resolve_location(root: Any, location: Location) -> tuple[str, type[BaseModel] | None]:
    """The path of a fault, and the message that the last part is a field of."""
    kinds, path, owner = _expand_type(root), "", None
    for position, part in enumerate(location):
        is_last = position == len(location) - 1
        if isinstance(part, int):
            path += f"[{part}]"
            kinds = [item for kind in kinds for item in _item_types(kind)] or [Any]
            continue
        owners = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        found = [(kind, field) for kind in owners if (field := _find_field(kind, part)) is not None]
        if found:
            owner = found[0][0]
            kinds = [kind for _, field in found for kind in _expand_type(field.annotation)]
        elif is_last and owners:
            owner = owners[0]
        elif path and not owners and (len(kinds) > 1 or get_origin(kinds[0]) is not dict):
            continue  # the name of one of the types of a union
        path += f".{part}" if path else part
    return path, owner


def _find_field(model: type[BaseModel], name: str) -> FieldInfo | None:
    for own, field in model.model_fields.items():
        if name == (field.alias or own):
            return field
    return None


def _expand_type(annotation: Any) -> list[Any]:
    """The types that a value may have: those of a union, without what is said about them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _expand_type(get_args(annotation)[0])
    if origin in _UNIONS:
        parts = (part for part in get_args(annotation) if part is not type(None))
        return [kind for part in parts for kind in _expand_type(part)]
    return [annotation]


def _item_types(annotation: Any) -> list[Any]:
    if get_origin(annotation) in {list, tuple, set}:
        return _expand_type(get_args(annotation)[0])
    return []
