"""Pydantic building blocks for a language model's replies, and the JSON schemas that are sent with a request.

A model may answer anything, whatever schema it was given. So a reply is read by three rules: an unreadable
entry of a list is left out, an unreadable optional field has its default, and an unreadable required field
makes its entry unreadable. Nothing is converted except numbers and texts, which models confuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    InstanceOf,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticUseDefault

_MAX_DIGITS = 9  # of a number in a text that counts something; Python refuses to parse thousands of digits
_EntryT = TypeVar("_EntryT")


class ReplyModel(BaseModel):
    """A reply, or an entry of one: an unreadable optional field has its default."""

    model_config = ConfigDict(frozen=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _use_default_if_unreadable(
        cls, value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        try:
            return read(value)
        except ValidationError:
            if info.field_name is None or cls.model_fields[info.field_name].is_required():
                raise
            raise PydanticUseDefault from None


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """A placeholder for an unreadable entry; `fields` are the unreadable ones, none if it is no object."""

    fields: frozenset[str]


def _mark_if_unreadable(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        locations = (fault["loc"] for fault in error.errors(include_url=False, include_input=False))
        return UnreadableEntry(frozenset(str(location[0]) for location in locations if location))


# An entry of a list whose unreadable entries are counted; other lists use pydantic's OnErrorOmit.
Entry = Annotated[_EntryT, WrapValidator(_mark_if_unreadable)] | SkipJsonSchema[InstanceOf[UnreadableEntry]]


def clean_text(value: object) -> str:
    """Return `value` as a text without surrounding spaces and without characters that Postgres refuses.

    Raises `ValueError` for what is neither text nor number, and for a number of thousands of digits, which
    Python does not convert to text.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("neither a text nor a number")
    return str(value).replace("\x00", "").encode("utf-8", "ignore").decode().strip()


def _clean_prose(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return clean_text(value)


def _parse_whole_number(value: object) -> int:
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) <= _MAX_DIGITS:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("no whole number")


Prose = Annotated[str, BeforeValidator(_clean_prose)]
WholeNumber = Annotated[int, BeforeValidator(_parse_whole_number)]


def strict_schema(model: type[ReplyModel]) -> dict[str, Any]:
    """Return the JSON schema of a reply, in the narrow form that all servers accept.

    The strict mode of OpenAI requires every property and allows no others; the grammars of llama.cpp are
    built from types, enumerations and nesting alone. So references are resolved, a union with null is a list
    of types, and titles, descriptions, defaults and bounds are left out: bounds are checked on reading.
    """
    schema = model.model_json_schema()
    return _simplify(schema, schema.get("$defs", {}))


def _simplify(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        return _simplify(definitions[part["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in part:
        (other,) = (option for option in part["anyOf"] if option.get("type") != "null")
        simple = _simplify(other, definitions)
        nullable = {"enum": [*simple["enum"], None]} if "enum" in simple else {}
        return {**simple, "type": [simple["type"], "null"], **nullable}
    simple: dict[str, Any] = {"type": part["type"]}
    if "properties" in part:
        properties = {name: _simplify(field, definitions) for name, field in part["properties"].items()}
        simple |= {"additionalProperties": False, "required": list(properties), "properties": properties}
    if "items" in part:
        simple["items"] = _simplify(part["items"], definitions)
    if "enum" in part:
        simple["enum"] = part["enum"]
    return simple
