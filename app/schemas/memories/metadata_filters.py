"""The filter by metadata on the wire: one recursive message, in bodies and, as JSON, in queries."""

from typing import Annotated, Any

import orjson
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from app.core.errors import InvalidInput
from app.core.vocabulary import MetadataOperator
from app.schemas.common import Message, check_json_value
from app.schemas.faults import describe_faults

MAX_DEPTH = 8  # of conditions in conditions
MAX_CONDITIONS = 64
MAX_VALUES = 100  # of `in` and `nin`
MAX_FILTER_BYTES = 16 * 1024
MAX_PATH = 8
MAX_QUERY_CHARACTERS = 8_000  # of the JSON in a query, whose head has 32 KiB

_Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Field = _Key | Annotated[list[_Key], Field(min_length=1, max_length=MAX_PATH)]
_EXAMPLE: JsonValue = {
    "and": [
        {"field": "project", "op": "eq", "value": "apollo"},
        {"not": {"field": "labels", "op": "contains", "value": "private"}},
    ]
}


class MetadataFilter(Message):
    """A condition on metadata: a comparison (`field`, `op`, `value`), or one of `and`, `or`, `not`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    field: _Field | None = Field(
        default=None, description="A key of the metadata; a list of keys is the path into nested objects"
    )
    op: MetadataOperator | None = None
    value: Any = Field(
        default=None,
        description="What to compare with: a JSON value; for `in` and `nin` a list of 1 to 100; for `gt`,"
        " `gte`, `lt`, `lte` a number or a text; for `exists` true (the default) or false",
    )
    and_: list["MetadataFilter"] | None = Field(
        default=None, alias="and", min_length=1, description="All of these hold"
    )
    or_: list["MetadataFilter"] | None = Field(
        default=None, alias="or", min_length=1, description="At least one of these holds"
    )
    not_: "MetadataFilter | None" = Field(default=None, alias="not", description="This does not hold")

    @model_validator(mode="after")
    def _check_form(self) -> "MetadataFilter":
        forms = [name for name in ("field", "and_", "or_", "not_") if getattr(self, name) is not None]
        if len(forms) != 1:
            raise ValueError("needs exactly one of field, and, or, not")
        if forms == ["field"]:
            self._check_comparison()
        elif self.op is not None or "value" in self.model_fields_set:
            raise ValueError("op and value go with field")
        return self

    def _check_comparison(self) -> None:
        if self.op is None:
            raise ValueError("field needs an op")
        if self.op == "exists":
            if not isinstance(self.value, bool) and "value" in self.model_fields_set:
                raise ValueError("the value of exists is true or false")
            return
        if "value" not in self.model_fields_set:
            raise ValueError(f"{self.op} needs a value")
        if self.op in {"in", "nin"} and not (
            isinstance(self.value, list) and 1 <= len(self.value) <= MAX_VALUES
        ):
            raise ValueError(f"the value of {self.op} is a list of 1 to {MAX_VALUES}")
        is_plain = not isinstance(self.value, list | dict)
        if self.op in {"gt", "gte", "lt", "lte"} and (
            not is_plain or self.value is None or isinstance(self.value, bool)
        ):
            raise ValueError(f"the value of {self.op} is a number or a text")
        if self.op == "contains" and not is_plain:
            raise ValueError("the value of contains is a text, a number, true, false or null")


def _check_bounds(value: Any) -> Any:
    """The filter as it was sent. Raises `ValueError` for one that is too deep or too large to be read."""
    if isinstance(value, MetadataFilter):
        return value  # one of another message
    value = check_json_value(value)
    level, count = [value], 0
    for _ in range(MAX_DEPTH):
        count += len(level)
        parts = [part for one in level if isinstance(one, dict) for part in _parts_of(one)]
        if not parts:
            break
        level = parts
    else:
        raise ValueError(f"must not be nested more than {MAX_DEPTH} deep")
    if count > MAX_CONDITIONS:
        raise ValueError(f"must have at most {MAX_CONDITIONS} conditions")
    if len(orjson.dumps(value)) > MAX_FILTER_BYTES:
        raise ValueError(f"must be at most {MAX_FILTER_BYTES} bytes of JSON")
    return value


def _parts_of(condition: dict[str, Any]) -> list[Any]:
    lists = (condition.get("and"), condition.get("or"))
    parts = [part for one in lists if isinstance(one, list) for part in one]
    return [*parts, condition["not"]] if condition.get("not") is not None else parts


BoundedFilter = Annotated[MetadataFilter, BeforeValidator(_check_bounds)]
_adapter: TypeAdapter[MetadataFilter] = TypeAdapter(BoundedFilter)


def parse_query_filter(text: str | None) -> MetadataFilter | None:
    """The filter that a query has as JSON. Raises `InvalidInput` naming the part that is wrong."""
    if text is None:
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        raise InvalidInput("The filter is not JSON.", field="metadata") from exc
    try:
        return _adapter.validate_python(value)
    except ValidationError as exc:
        path, text = describe_faults(MetadataFilter, exc.errors())[0]
        raise InvalidInput(f"{text}.", field=".".join(filter(None, ("metadata", path)))) from exc
