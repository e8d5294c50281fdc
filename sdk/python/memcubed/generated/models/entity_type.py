from __future__ import annotations

from typing import Literal, cast

EntityType = Literal["animal", "organisation", "person", "place"]

ENTITY_TYPE_VALUES: set[EntityType] = {
    "animal",
    "organisation",
    "person",
    "place",
}


def check_entity_type(value: str) -> EntityType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("EntityType", value)
