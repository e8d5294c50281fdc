from __future__ import annotations

from typing import Literal, cast

ItemType = Literal["memory", "turn"]

ITEM_TYPE_VALUES: set[ItemType] = {
    "memory",
    "turn",
}


def check_item_type(value: str) -> ItemType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ItemType", value)
