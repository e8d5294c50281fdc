"""Pydantic building blocks for what a language model answers, and the JSON schema by which it is asked.

A model may answer anything, whatever schema it was given. So a reply is read by three rules: an entry of a
list that can't be read is left out, an optional field that can't be read has its default, and a required
field that can't be read makes its entry unreadable. Nothing is converted beyond what models are known to
confuse: numbers and texts.
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

_MAX_DIGITS = 9  # of a number in a text that counts something; Python refuses to read thousands
_EntryT = TypeVar("_EntryT")


class ReplyModel(BaseModel):
    """A reply, or an entry of one: an optional field that can't be read has its default."""

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
    """Stands for an entry that can't be read; `fields` are those at fault, none if it is no object."""

    fields: frozenset[str]


def _mark_if_unreadable(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        places = (fault["loc"] for fault in error.errors(include_url=False, include_input=False))
        return UnreadableEntry(frozenset(str(place[0]) for place in places if place))


# An entry of a list whose unreadable entries are counted; where they are not, pydantic's OnErrorOmit does.
Entry = Annotated[_EntryT, WrapValidator(_mark_if_unreadable)] | SkipJsonSchema[InstanceOf[UnreadableEntry]]


def clean_text(value: object) -> str:
    """`value` as a text without surrounding spaces and without what Postgres does not take.

    Raises `ValueError` for what is neither text nor number, and for a number of thousands of digits, which
    Python does not write out.
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
    """The JSON schema of a reply, in the narrow form that all servers take.

    The strict mode of OpenAI wants every property required and no others; the grammars of llama.cpp are
    built from types, enumerations and nesting alone. So references are resolved, a union with null is a list
    of types, and titles, descriptions, defaults and bounds are left out: bounds are for the reader.
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
