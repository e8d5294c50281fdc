"""JSON schemas for models: without references, titles and null, which cost tokens and some clients refuse."""

from typing import Any, cast

from pydantic import BaseModel

Schema = dict[str, Any]


def build_schema(model: type[BaseModel]) -> Schema:
    """The schema of an object. What is optional is left out rather than null, so null is not in it."""
    schema = model.model_json_schema()
    definitions = cast("dict[str, Schema]", schema.pop("$defs", {}))
    simplified = _simplify(schema, definitions)
    simplified.pop("description", None)  # the tool's own description says more
    return simplified


def _simplify(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    if "$ref" in schema:
        named = definitions[schema["$ref"].removeprefix("#/$defs/")]
        # An enum's description is about the code; a field's own is about its use.
        schema = {key: value for key, value in named.items() if key != "description"} | schema
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        schema = _simplify(choices[0], definitions) | schema
    elif choices:
        schema = schema | {"anyOf": [_simplify(choice, definitions) for choice in choices]}
    dropped = {"title", "$ref"} | ({"anyOf"} if len(choices) == 1 else set[str]())
    simplified = {key: value for key, value in schema.items() if key not in dropped}
    if simplified.get("default", ...) in (None, []):
        del simplified["default"]
    if "properties" in simplified:
        parts = cast("dict[str, Schema]", simplified["properties"])
        simplified["properties"] = {name: _simplify(part, definitions) for name, part in parts.items()}
    if "items" in simplified:
        simplified["items"] = _simplify(simplified["items"], definitions)
    return simplified
